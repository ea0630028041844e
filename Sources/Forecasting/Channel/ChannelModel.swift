/// What is kept of a fitted channel to draw its futures: the same whatever is asked of it.
enum ChannelModel: Sendable {
  /// A channel that never moved repeats itself.
  case constant(Double)
  /// A count-like channel takes values that it has taken.
  case counted(CountedChannel)
  case continuous(ContinuousChannel)

  init(_ fit: ChannelFit, last: Double) {
    if fit.isConstant {
      self = .constant(last)
    } else if let codec = fit.codec {
      self = .counted(CountedChannel(fit, codec: codec))
    } else {
      self = .continuous(ContinuousChannel(fit))
    }
  }

  /// Doubles that the model holds.
  var size: Int {
    switch self {
    case .constant: 1
    case .counted(let channel): channel.values.count + channel.probabilities.count
    case .continuous(let channel): 2 * channel.location.count + channel.factors.count
    }
  }
}
