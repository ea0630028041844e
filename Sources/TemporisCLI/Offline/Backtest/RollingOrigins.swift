/// The places in a history from which a backtest forecasts.
package enum RollingOrigins {
  /// The most origins.
  package static let limit = 200

  /// Equally spaced places, the last of them where the whole horizon is just known: a horizon apart in a long history,
  /// and none in the first half of it.
  ///
  /// - Parameters:
  ///   - points: The history's points.
  ///   - needed: The fewest points up to an origin.
  ///   - horizon: Points from an origin to the end of its forecast.
  ///   - most: How many origins are wanted, 1 at least.
  /// - Returns: Indices of points, ascending; empty where the history is too short.
  package static func places(points: Int, needed: Int, horizon: Int, most: Int) -> [Int] {
    let (first, last) = (max(needed, 1) - 1, points - 1 - horizon)
    guard first <= last else { return [] }
    let count = min(max(most, 1), limit)
    let begin = max(first, last - horizon * (count - 1), last / 2)
    guard count > 1, begin < last else { return [last] }
    let places = (0..<count).map { begin + (last - begin) * $0 / (count - 1) }
    return places.enumerated().filter { $0.offset == 0 || $0.element > places[$0.offset - 1] }.map(\.element)
  }

  /// The parts of a horizon that are scored apart: 1, 2 to 4, 5 to 8, 9 to 16 and so on, to its end.
  package static func parts(horizon: Int) -> [ClosedRange<Int>] {
    var parts: [ClosedRange<Int>] = []
    var (first, last) = (1, 1)
    while first <= horizon {
      parts.append(first...min(last, horizon))
      (first, last) = (last + 1, last == 1 ? 4 : last * 2)
    }
    return parts
  }
}
