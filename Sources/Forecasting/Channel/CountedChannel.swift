/// A channel whose tokens are the values that it has taken.
struct CountedChannel: Sendable {
  /// In the channel's units, ascending.
  let values: [Double]
  /// Row by row, one a step.
  let probabilities: [Double]
  /// Correlation between the steps of one trajectory's draws.
  let correlation: Double

  /// Share of the path's level correlation that the draws get.
  private static let levelShare = 0.5

  init(_ fit: ChannelFit, codec: ValueCodec) {
    values = codec.values.map(fit.scale.leave)
    probabilities = codec.probabilities
    correlation = Self.levelShare * fit.covariance.level
  }
}
