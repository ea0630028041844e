import Glibc

/// The weighted sums of a ridge regression, of several targets on the same columns, that forget older rows.
struct ForgetfulGram {
  private let columns: Int
  /// Packed lower triangle of the sums of products of columns.
  private var products: [Double]
  /// For each target the sums of its products with the columns.
  private var moments: [[Double]]
  private var mass = 0.0
  private var row = 0

  /// Half-life in points.
  private static let halfLife = 300.0
  private static let decay = pow(0.5, 1 / halfLife)
  /// Of the mean diagonal.
  private static let ridge = 0.01

  init(columns: Int, targets: Int) {
    self.columns = columns
    products = Array(repeating: 0, count: CholeskyFactor.size(of: columns))
    moments = Array(repeating: Array(repeating: 0, count: columns), count: targets)
  }

  /// Takes in the rows up to `end`.
  mutating func advance(_ rows: [Double], targets: [[Double]], to end: Int) {
    let faded = pow(Self.decay, Double(end - row))
    for index in products.indices { products[index] *= faded }
    mass *= faded
    for target in targets.indices {
      for column in 0..<columns { moments[target][column] *= faded }
    }
    var weight = pow(Self.decay, Double(end - 1 - row))
    while row < end {
      add(rows, weight: weight)
      for target in targets.indices {
        let share = weight * targets[target][row]
        for column in 0..<columns { moments[target][column] += share * rows[row * columns + column] }
      }
      mass += weight
      weight /= Self.decay
      row += 1
    }
  }

  /// The coefficients of each target under a small ridge, which is least on the last column, the constant.
  func solutions() -> [[Double]] {
    var factor = products
    let trace = (0..<(columns - 1)).reduce(0) { $0 + products[CholeskyFactor.size(of: $1 + 1) - 1] }
    for column in 0..<columns {
      let isConstant = column == columns - 1
      factor[CholeskyFactor.size(of: column + 1) - 1] +=
        (isConstant ? 1e-3 * mass : Self.ridge * trace / Double(columns - 1)) + 1e-9
    }
    CholeskyFactor.factorise(&factor, rows: columns)
    return moments.map { moments in
      var solution = moments
      CholeskyFactor.solve(factor, &solution)
      return solution
    }
  }

  private mutating func add(_ rows: [Double], weight: Double) {
    let start = row * columns
    rows.withUnsafeBufferPointer { rows in
      products.withUnsafeMutableBufferPointer { products in
        var place = 0
        for left in 0..<columns {
          let share = weight * rows[start + left]
          for right in 0...left { products[place + right] += share * rows[start + right] }
          place += left + 1
        }
      }
    }
  }
}
