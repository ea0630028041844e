import Glibc

/// The normal distribution of mean 0 and variance 1.
enum StandardNormal {
  /// The share below a value, exact in both tails.
  static func cumulative(_ value: Double) -> Double { 0.5 * erfc(-value * 0.5.squareRoot()) }
}
