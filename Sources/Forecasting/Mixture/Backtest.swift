import Glibc

/// The points of a context from which paths are forecast again, to learn from what followed.
package struct Backtest: Sendable {
  /// Points of the context.
  let count: Int
  /// Steps of a path.
  let horizon: Int
  /// Ascending, each the number of points known there; none for fewer than 3 points.
  package let origins: [Int]
  /// How much each origin counts: a half for every four horizons of age.
  let decays: [Double]

  private static let most = 24
  /// Horizons before the end: older origins hardly count, and cost the newer ones their number.
  private static let span = 8
  /// Origins at the very end, which see a jump that no other sees.
  private static let late = 3
  private static let halfLifeHorizons = 4.0

  init(count: Int, horizon: Int) {
    self.count = count
    self.horizon = horizon
    origins = Self.origins(count: count, horizon: horizon)
    let halfLife = Self.halfLifeHorizons * Double(horizon)
    decays = origins.map { pow(0.5, Double(count - $0) / halfLife) }
  }

  /// The origins and the end of the context.
  var ends: [Int] { origins + [count] }

  /// The first of them.
  var first: Int { origins.first ?? count }

  /// Horizons between the first origin and the end.
  var horizons: Double { Double(count - first) / Double(horizon) }

  /// As many, but at least one.
  var wholeHorizons: Double { max(1, horizons) }

  /// Steps whose outcome is known at an origin.
  func known(_ index: Int) -> Int { min(horizon, count - origins[index]) }

  private static func origins(count: Int, horizon: Int) -> [Int] {
    guard count >= 3 else { return [] }
    let share = count > 60 ? count / 2 : Int(Double(count) * 0.4)
    let low = min(max(share, count - span * horizon, count < 8 ? 2 : 4), count - 1)
    let high = count - (count >= 4 * horizon ? horizon : max(1, min(horizon, count / 5)))
    var origins: Set<Int> = [low]
    if high > low {
      let points = min(most, high - low + 1)
      let step = Double(high - low) / Double(points - 1)
      for index in 0..<(points - 1) { origins.insert(Int(Double(index) * step + Double(low))) }
      origins.insert(high)
    }
    origins.formUnion(max(count - late, low)..<count)
    return origins.sorted()
  }
}
