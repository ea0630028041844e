/// The straight line nearest to equally spaced values.
struct LeastSquaresLine {
  private let middle: Double
  let mean: Double
  let slope: Double

  /// - Parameter values: not empty. One value has no slope.
  init(_ values: [Double]) {
    middle = Double(values.count - 1) / 2
    mean = values.reduce(0, +) / Double(values.count)
    var (sum, spread) = (0.0, 0.0)
    for (index, value) in values.enumerated() {
      let time = Double(index) - middle
      sum += time * (value - mean)
      spread += time * time
    }
    slope = spread > 0 ? sum / spread : 0
  }

  func residuals(of values: [Double]) -> [Double] {
    values.enumerated().map { $1 - mean - slope * (Double($0) - middle) }
  }
}
