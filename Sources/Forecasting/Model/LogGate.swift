import Glibc

/// Decides whether a channel's spread grows with its level, so that logarithms fit better.
enum LogGate {
  /// How far the later half may fall below its median.
  private static let lowestShare = 0.25

  static func opens(for values: [Double], periods: [Int]) -> Bool {
    let count = values.count
    guard count >= 16, values.allSatisfy({ $0 > 0 }) else { return false }
    let later = values[(count / 2)...].sorted()
    guard later[0] >= lowestShare * Quantile.median(later) else { return false }
    let period = periods.first ?? 1
    let length = period > 1 ? period * max(1, (count / period) / 12) : max(4, count / 12)
    let blocks = count / length
    guard blocks >= 3 else { return false }
    var (means, spreads) = ([Double](), [Double]())
    for block in 0..<blocks {
      let start = count - (blocks - block) * length
      let slice = Array(values[start..<(start + length)])
      means.append(slice.reduce(0, +) / Double(length))
      spreads.append(deviation(zip(slice.dropFirst(), slice).map { $0 - $1 }))
    }
    guard spreads.allSatisfy({ $0 > 0 }), let low = means.min(), let high = means.max(), high >= 1.3 * low else {
      return false
    }
    let (levels, widths) = (centred(means.map { log($0) }), centred(spreads.map { log($0) }))
    let (joint, own, other) = (dot(levels, widths), dot(levels, levels), dot(widths, widths))
    return joint / own > 0.6 && joint / (own * other + 1e-300).squareRoot() > 0.4
  }

  /// The standard deviation of a whole population.
  static func deviation(_ values: [Double]) -> Double {
    let centre = centred(values)
    return (dot(centre, centre) / Double(max(values.count, 1))).squareRoot()
  }

  private static func centred(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(max(values.count, 1))
    return values.map { $0 - mean }
  }

  private static func dot(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
