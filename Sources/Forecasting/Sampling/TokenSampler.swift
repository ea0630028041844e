import Glibc

/// Draws the tokens of all channels of one trajectory, tied together by the copula if there is one.
struct TokenSampler: Sendable {
  let distribution: TokenDistribution
  let copula: ChannelCopula?
  let channels: Int
  let horizon: Int

  /// Room for the correlated variates, made once for all trajectories.
  func makeScratch() -> [Double] { Array(repeating: 0, count: copula == nil ? 0 : channels * horizon) }

  /// Fills `tokens`, channel by channel: its patches in order, in each its coefficients.
  func draw(_ tokens: inout [Int], scratch: inout [Double], from stream: inout RandomStream) {
    guard let copula else {
      for index in tokens.indices { tokens[index] = distribution.token(at: stream.uniform()) }
      return
    }
    for index in scratch.indices { scratch[index] = stream.normal() }
    for channel in 0..<channels {
      for position in 0..<horizon {
        var variate = 0.0
        for other in 0...channel {
          variate += copula.factor[channel * channels + other] * scratch[other * horizon + position]
        }
        tokens[channel * horizon + position] = distribution.token(at: 0.5 * erfc(-variate / 2.0.squareRoot()))
      }
    }
  }
}
