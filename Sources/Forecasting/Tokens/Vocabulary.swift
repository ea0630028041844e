import Glibc

/// The 33 values that a whitened innovation can take, and how likely each is.
///
/// Half-unit bins from -16 to 16 under a Student t distribution with 5 degrees of freedom, values scaled to unit
/// variance.
package struct Vocabulary: Sendable {
  /// Ascending, of unit variance under the probabilities.
  package let values: [Double]
  /// Of each token at temperature 1.
  package let probabilities: [Double]
  /// `-ln p` of each token: what it adds to a trajectory's loss.
  package let costs: [Double]

  /// The one vocabulary of the engine.
  package static let standard = Vocabulary()

  private init() {
    let freedom = 5.0
    let bins = (-16...16).map { Double($0) * 0.5 }
    // The variance of a Student t is freedom / (freedom - 2): the density is that of one with unit variance.
    let logs = bins.map { -(freedom + 1) / 2 * log1p($0 * $0 / (freedom - 2)) }
    let top = logs.max() ?? 0
    let masses = logs.map { exp($0 - top) }
    let total = masses.reduce(0, +)
    let probabilities = masses.map { $0 / total }
    let variance = zip(bins, probabilities).reduce(0) { $0 + $1.0 * $1.0 * $1.1 }
    values = bins.map { $0 / variance.squareRoot() }
    costs = probabilities.map { -log($0) }
    self.probabilities = probabilities
  }
}
