/// Draws the innovations of all channels of one trajectory, tied together by the copula if there is one.
struct TokenSampler {
  private let distribution: TokenDistribution
  private let copula: ChannelCopula?
  private let horizon: Int
  private let vocabulary = Vocabulary.standard
  /// Independent variates by position and channel, which only a copula needs.
  private var independent: [Double]

  init(distribution: TokenDistribution, copula: ChannelCopula?, channels: Int, horizon: Int) {
    self.distribution = distribution
    self.copula = copula
    self.horizon = horizon
    independent = Array(repeating: 0, count: copula == nil ? 0 : channels * horizon)
  }

  /// Begins a trajectory.
  mutating func begin(from stream: inout RandomStream) {
    for index in independent.indices { independent[index] = stream.normal() }
  }

  /// Draws one channel's innovations, patch by patch.
  ///
  /// - Returns: what the tokens cost.
  func draw(_ channel: Int, into innovations: inout [Double], from stream: inout RandomStream) -> Double {
    var cost = 0.0
    for position in 0..<horizon {
      let quantile =
        copula.map {
          StandardNormal.cumulative($0.variate(of: channel, at: position, from: independent))
        } ?? stream.uniform()
      let token = distribution.token(at: quantile)
      innovations[position] = vocabulary.values[token]
      cost += vocabulary.costs[token]
    }
    return cost
  }
}
