/// Autocorrelation about a straight line, by way of the power spectrum (Wiener and Khinchin).
enum Autocorrelation {
  /// Correlations at the lags 0 to `last`, each over the pairs there are; nil where nothing is left about the line.
  ///
  /// - Parameter last: less than the count of values.
  static func of(_ values: [Double], upTo last: Int) -> [Double]? {
    // Zeros to twice the length keep the circular sums from wrapping.
    var size = 2
    while size < 2 * values.count { size *= 2 }
    let plan = FourierPlan.of(size: size)
    var real = LeastSquaresLine(values).residuals(of: values) + Array(repeating: 0, count: size - values.count)
    var imaginary = Array(repeating: 0.0, count: size)
    plan.transform(&real, &imaginary)
    for index in 0..<size {
      real[index] = real[index] * real[index] + imaginary[index] * imaginary[index]
      imaginary[index] = 0
    }
    // The power spectrum is even, so the forward transform is the inverse one but for the size.
    plan.transform(&real, &imaginary)
    guard real[0] / Double(size) > 1e-12 else { return nil }
    let count = Double(values.count)
    return (0...last).map { real[$0] / real[0] * count / max(count - Double($0), 1) }
  }
}
