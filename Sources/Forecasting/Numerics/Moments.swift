/// Means and deviations of whole populations.
enum Moments {
  /// - Parameter values: not empty.
  static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// Standard deviation about the mean.
  ///
  /// - Parameter values: not empty.
  static func deviation(_ values: [Double]) -> Double {
    let mean = mean(values)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
  }

  /// Mean square of the differences of neighbours; nil for fewer than two values.
  static func meanSquareDifference(_ values: [Double]) -> Double? {
    guard values.count > 1 else { return nil }
    var sum = 0.0
    for index in 1..<values.count {
      let difference = values[index] - values[index - 1]
      sum += difference * difference
    }
    return sum / Double(values.count - 1)
  }
}
