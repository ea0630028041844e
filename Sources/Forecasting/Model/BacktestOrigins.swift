/// The points of a context from which paths are forecast again to learn their errors.
enum BacktestOrigins {
  private static let most = 24

  /// Up to 24 ascending origins, each the number of points known; none for fewer than 8 points.
  static func of(count: Int, horizon: Int) -> [Int] {
    guard count >= 8 else { return [] }
    let low = max(count > 60 ? count / 2 : Int(Double(count) * 0.4), 4)
    var high = count - (count >= 4 * horizon ? horizon : max(1, min(horizon, count / 5)))
    if high <= low { high = min(count - 1, low + 1) }
    guard high > low else { return [low] }
    let points = min(most, high - low + 1)
    let step = Double(high - low) / Double(points - 1)
    var origins: [Int] = []
    for index in 0..<points {
      let origin = index == points - 1 ? high : Int(Double(index) * step + Double(low))
      if origin != origins.last { origins.append(origin) }
    }
    return origins
  }
}
