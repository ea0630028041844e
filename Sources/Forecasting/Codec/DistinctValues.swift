/// The values that a count-like channel has taken, which are its tokens.
struct DistinctValues: Sendable {
  /// Ascending.
  let values: [Double]
  /// Of each point of the history the nearest value's index.
  let tokens: [Int]

  /// Beyond as many, quantiles of the history take the place of its values.
  private static let most = 65
  private static let fewestPoints = 8
  /// A channel is count-like from as large a share of zeros among its latest points: a quarter of them, at least 60.
  private static let shareOfZeros = 0.3
  private static let recentPoints = 60

  /// Whether a history that is not constant is best drawn from its own values.
  static func suit(_ history: [Double]) -> Bool {
    guard history.count >= fewestPoints else { return false }
    let recent = history.suffix(max(recentPoints, history.count / 4))
    return Double(recent.count { $0 == 0 }) >= shareOfZeros * Double(recent.count)
  }

  init(_ history: [Double]) {
    let sorted = history.sorted()
    var values = Self.distinct(sorted)
    if values.count > Self.most {
      let last = Double(Self.most - 1)
      values = Self.distinct((0..<Self.most).map { Quantile.of(sorted, Double($0) / last) })
    }
    self.values = values
    tokens = history.map { value in
      let above = min(values.partitioningIndex { $0 >= value }, values.count - 1)
      return above > 0 && value - values[above - 1] <= values[above] - value ? above - 1 : above
    }
  }

  private static func distinct(_ sorted: [Double]) -> [Double] {
    var values: [Double] = []
    for value in sorted where value != values.last { values.append(value) }
    return values
  }
}
