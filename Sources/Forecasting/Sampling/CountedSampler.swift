import Glibc

/// Draws the steps of a count-like channel under one temperature and nucleus.
struct CountedSampler {
  private let channel: CountedChannel
  /// Of each step the sums of its sharpened probabilities, row by row; the last of a row is 1.
  private let cumulative: [Double]
  /// Weights of the variate that a trajectory's steps have in common, and of each step's own.
  private let shared: Double
  private let own: Double

  /// What a token's cost is bounded by that only a high temperature draws.
  private static let leastProbability = 1e-12

  init(_ channel: CountedChannel, temperature: Double, topP: Double) {
    self.channel = channel
    let width = channel.values.count
    var cumulative: [Double] = []
    cumulative.reserveCapacity(channel.probabilities.count)
    for start in stride(from: 0, to: channel.probabilities.count, by: width) {
      let row = Array(channel.probabilities[start..<(start + width)])
      cumulative += TokenDistribution(row, temperature: temperature, topP: topP).cumulative
    }
    self.cumulative = cumulative
    shared = channel.correlation.squareRoot()
    own = (1 - channel.correlation).squareRoot()
  }

  /// Draws one trajectory: calls `use` with each step's value.
  ///
  /// - Returns: what the tokens cost, `-ln p` under the probabilities as they are at temperature 1.
  func draw(from stream: inout RandomStream, _ use: (_ step: Int, _ value: Double) -> Void) -> Double {
    let width = channel.values.count
    let common = shared * stream.normal()
    var cost = 0.0
    for step in 0..<(cumulative.count / width) {
      let quantile = StandardNormal.cumulative(common + own * stream.normal())
      let token = TokenDistribution.token(at: quantile, in: cumulative[(step * width)..<((step + 1) * width)])
      cost -= log(min(channel.probabilities[step * width + token] + Self.leastProbability, 1))
      use(step, channel.values[token])
    }
    return cost
  }
}
