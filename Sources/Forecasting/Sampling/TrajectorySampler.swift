/// Draws whole trajectories of a fitted model; what it allocates a trajectory is the answer alone.
struct TrajectorySampler {
  private enum Channel {
    case constant(Double)
    case counted(CountedSampler)
    case continuous(ContinuousChannel)
  }

  private let channels: [Channel]
  private let horizon: Int
  private let decoder: PatchDecoder
  private var tokens: TokenSampler
  private var innovations: [Double]
  private var coefficients: [Double]
  private var errors: [Double]
  /// Tokens whose cost counts.
  private let costed: Int

  init(_ model: ForecastModel, temperature: Double, topP: Double) {
    horizon = model.horizon
    channels = model.channels.map { channel in
      switch channel {
      case .constant(let value): .constant(value)
      case .counted(let channel): .counted(CountedSampler(channel, temperature: temperature, topP: topP))
      case .continuous(let channel): .continuous(channel)
      }
    }
    decoder = PatchDecoder(basis: CosineBasis.of(length: model.patchLength), patches: horizon / model.patchLength)
    tokens = TokenSampler(
      distribution: TokenDistribution(Vocabulary.standard.probabilities, temperature: temperature, topP: topP),
      copula: model.copula, channels: channels.count, horizon: horizon)
    innovations = Array(repeating: 0, count: horizon)
    coefficients = Array(repeating: 0, count: model.patchLength)
    errors = innovations
    costed = channels.count { if case .constant = $0 { false } else { true } } * horizon
  }

  mutating func draw(from stream: inout RandomStream) -> Forecast.Trajectory {
    let count = channels.count
    var values = Array(repeating: 0.0, count: count * horizon)
    var cost = 0.0
    tokens.begin(from: &stream)
    for (index, channel) in channels.enumerated() {
      switch channel {
      case .constant(let value):
        // Certain, so its tokens cost nothing.
        for step in 0..<horizon { values[step * count + index] = value }
      case .counted(let sampler):
        cost += sampler.draw(from: &stream) { step, value in values[step * count + index] = value }
      case .continuous(let channel):
        cost += tokens.draw(index, into: &innovations, from: &stream)
        decoder.decode(innovations, factors: channel.factors, coefficients: &coefficients, into: &errors)
        for step in 0..<horizon {
          values[step * count + index] = channel.value(step: step, error: errors[step])
        }
      }
    }
    return Forecast.Trajectory(loss: costed > 0 ? cost / Double(costed) : 0, values: values)
  }
}
