import Foundation

/// Scaling by powers of ten over the whole range of a double.
enum PowerOfTen {
  /// The power of ten of a number's first digit; 0 for zero.
  static func exponent(of value: Double) -> Int {
    let magnitude = abs(value)
    guard magnitude > 0, magnitude.isFinite else { return 0 }
    let exponent = Int(log10(magnitude).rounded(.down))
    // The logarithm of a number just below a power may be rounded up to it.
    return scaled(magnitude, by: -exponent) < 1 ? exponent - 1 : exponent
  }

  /// `value` times ten to the `exponent`, in two steps, neither of which leaves the range where the result lies in it.
  static func scaled(_ value: Double, by exponent: Int) -> Double {
    let half = exponent / 2
    return value * pow(10, Double(half)) * pow(10, Double(exponent - half))
  }
}
