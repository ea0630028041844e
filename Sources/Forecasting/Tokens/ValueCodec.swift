import Glibc

/// Tokens of a count-like channel: the distinct values themselves, weighted by age and phase.
struct ValueCodec: Sendable {
  private struct Phase: Sendable {
    let distribution: TokenDistribution
    let costs: [Double]
  }

  private let values: [Double]
  /// For each step ahead, cyclically.
  private let phases: [Phase]

  /// Whether the values are zero often enough lately: 30 % of the last quarter, or of the last 60 values if that is
  /// more.
  static func suits(_ values: [Double]) -> Bool {
    guard values.count >= 8, values.contains(where: { $0 != values[0] }) else { return false }
    let recent = values.suffix(max(60, values.count / 4))
    return Double(recent.count { $0 == 0 }) / Double(recent.count) >= 0.3
  }

  /// - Parameter period: the channel's first period, or 1.
  init(_ history: [Double], period: Int, horizon: Int, temperature: Double, topP: Double) {
    let (values, tokens) = Self.tokenise(history)
    let count = history.count
    let decay = max(30, Double(count) / 4)
    let weights = (0..<count).map { exp(-Double(count - $0) / decay) }
    var base = Array(repeating: 0.0, count: values.count)
    for (token, weight) in zip(tokens, weights) { base[token] += weight }
    let total = base.reduce(0, +)
    base = base.map { $0 / total }
    self.values = values
    phases = (0..<min(period, horizon)).map { ahead in
      var probabilities = base
      if period > 1 {
        // What the phase has seen, with the weight of eight observations on what all phases have.
        var seen = Array(repeating: 0.0, count: values.count)
        for time in stride(from: (count + ahead) % period, to: count, by: period) {
          seen[tokens[time]] += weights[time]
        }
        let mass = seen.reduce(0, +)
        probabilities = zip(seen, base).map { ($0 + 8 * $1) / (mass + 8) }
      }
      return Phase(
        distribution: TokenDistribution(probabilities, temperature: temperature, topP: topP),
        costs: probabilities.map { -log($0 + 1e-12) })
    }
  }

  /// One value and its cost `-ln p`, from a quantile of 0 up to 1.
  func draw(step: Int, at quantile: Double) -> (value: Double, cost: Double) {
    let phase = phases[step % phases.count]
    let token = phase.distribution.token(at: quantile)
    return (values[token], phase.costs[token])
  }

  /// The distinct values, or 65 quantiles of them if there are more, and the nearest of those to each point.
  private static func tokenise(_ history: [Double]) -> (values: [Double], tokens: [Int]) {
    let sorted = history.sorted()
    var values = distinct(sorted)
    if values.count > 65 {
      values = distinct((0...64).map { Quantile.of(sorted, Double($0) / 64) })
    }
    let tokens = history.map { value in
      let above = min(values.partitioningIndex { $0 >= value }, values.count - 1)
      return above > 0 && value - values[above - 1] <= values[above] - value ? above - 1 : above
    }
    return (values, tokens)
  }

  private static func distinct(_ sorted: [Double]) -> [Double] {
    var values: [Double] = []
    for value in sorted where value != values.last { values.append(value) }
    return values
  }
}
