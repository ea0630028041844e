/// Lower triangular factors of small covariance matrices, row by row.
///
/// Plain Swift: the matrices have at most 64 rows, where a call into LAPACK costs as much as the work.
enum CholeskyFactor {
  /// - Parameter matrix: symmetric, row by row. A pivot that rounding made negative counts as almost zero.
  static func of(_ matrix: [Double], size: Int) -> [Double] {
    var factor = Array(repeating: 0.0, count: size * size)
    for row in 0..<size {
      for column in 0...row {
        var rest = matrix[row * size + column]
        for k in 0..<column { rest -= factor[row * size + k] * factor[column * size + k] }
        if row == column {
          factor[row * size + row] = max(rest, 1e-18).squareRoot()
        } else {
          factor[row * size + column] = rest / factor[column * size + column]
        }
      }
    }
    return factor
  }
}
