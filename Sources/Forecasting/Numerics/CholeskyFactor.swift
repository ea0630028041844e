/// Lower triangular factors of small symmetric matrices, packed row by row: element (i, j) at i (i + 1) / 2 + j.
///
/// Plain Swift: the matrices have at most 64 rows, where a call into LAPACK costs as much as the work.
enum CholeskyFactor {
  /// Elements of a packed triangle.
  static func size(of rows: Int) -> Int { rows * (rows + 1) / 2 }

  /// Factorises the packed lower triangle that starts at `start`, in place.
  ///
  /// A pivot that rounding made negative counts as almost zero.
  static func factorise(_ matrix: inout [Double], from start: Int = 0, rows: Int) {
    matrix.withUnsafeMutableBufferPointer { matrix in
      for row in 0..<rows {
        let left = start + row * (row + 1) / 2
        for column in 0...row {
          let right = start + column * (column + 1) / 2
          var rest = matrix[left + column]
          for k in 0..<column { rest -= matrix[left + k] * matrix[right + k] }
          matrix[left + column] = row == column ? max(rest, 1e-18).squareRoot() : rest / matrix[right + column]
        }
      }
    }
  }

  /// Solves for one right-hand side, in place, with a packed factor.
  static func solve(_ factor: [Double], _ values: inout [Double]) {
    let rows = values.count
    for row in 0..<rows {
      let left = row * (row + 1) / 2
      var rest = values[row]
      for k in 0..<row { rest -= factor[left + k] * values[k] }
      values[row] = rest / factor[left + row]
    }
    for row in (0..<rows).reversed() {
      let left = row * (row + 1) / 2
      values[row] /= factor[left + row]
      for k in 0..<row { values[k] -= factor[left + k] * values[row] }
    }
  }
}
