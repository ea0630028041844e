import Glibc

/// A distribution over tokens, sharpened by temperature and cut to its nucleus, ready to draw from.
package struct TokenDistribution: Sendable {
  /// Ascending; the last is exactly 1.
  package let cumulative: [Double]

  private static let coldest = 1e-3

  /// - Parameters:
  ///   - probabilities: not empty, not negative, with a positive sum.
  ///   - temperature: above 0; below a thousandth it counts as that.
  ///   - topP: 0 to 1. Tokens are kept, likeliest first, while the mass before them is less; the likeliest always is.
  package init(_ probabilities: [Double], temperature: Double, topP: Double) {
    let sharpened = Self.nucleus(Self.tempered(probabilities, max(temperature, Self.coldest)), topP)
    var sum = 0.0
    let sums = sharpened.map { mass in
      sum += mass
      return sum
    }
    cumulative = sums.map { $0 / sum }
  }

  /// The token at a quantile of 0 up to 1; never one without mass.
  package func token(at quantile: Double) -> Int { Self.token(at: quantile, in: cumulative[...]) }

  /// As above, from the sums of one distribution of several.
  static func token(at quantile: Double, in cumulative: ArraySlice<Double>) -> Int {
    // A normal variate far out in the tail rounds to the quantile 1.
    let quantile = min(quantile, 1 - 0x1p-53)
    return cumulative.withUnsafeBufferPointer { cumulative in
      var (low, high) = (0, cumulative.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if cumulative[middle] > quantile { high = middle } else { low = middle + 1 }
      }
      return low
    }
  }

  static func tempered(_ probabilities: [Double], _ temperature: Double) -> [Double] {
    guard temperature != 1 else { return probabilities }
    let logs = probabilities.map { log($0 + 1e-300) / temperature }
    let top = logs.max() ?? 0
    let masses = logs.map { exp($0 - top) }
    let total = masses.reduce(0, +)
    return masses.map { $0 / total }
  }

  static func nucleus(_ probabilities: [Double], _ topP: Double) -> [Double] {
    guard topP < 1 else { return probabilities }
    // Stable: of equally likely tokens the earlier comes first.
    let order = probabilities.indices.sorted {
      probabilities[$0] == probabilities[$1] ? $0 < $1 : probabilities[$0] > probabilities[$1]
    }
    var kept = Array(repeating: 0.0, count: probabilities.count)
    var before = 0.0
    for (rank, token) in order.enumerated() where rank == 0 || before < topP {
      kept[token] = probabilities[token]
      before += probabilities[token]
    }
    let total = kept.reduce(0, +)
    return kept.map { $0 / total }
  }
}
