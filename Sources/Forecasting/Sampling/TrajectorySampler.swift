/// Draws whole trajectories from fitted channels; what it allocates a trajectory is the answer alone.
struct TrajectorySampler {
  private let models: [ChannelModel]
  private let horizon: Int
  private let vocabulary = Vocabulary.standard
  private let sampler: TokenSampler
  private let decoder: PatchDecoder
  private var tokens: [Int]
  private var scratch: [Double]
  private var errors: [Double]

  init(models: [ChannelModel], basis: CosineBasis, horizon: Int, temperature: Double, topP: Double) {
    let distribution = TokenDistribution(vocabulary.probabilities, temperature: temperature, topP: topP)
    self.models = models
    self.horizon = horizon
    sampler = TokenSampler(
      distribution: distribution, copula: ChannelCopula(models.map(\.covariance), patchLength: basis.length),
      channels: models.count, horizon: horizon)
    decoder = PatchDecoder(basis: basis, vocabulary: vocabulary, patches: horizon / basis.length)
    tokens = Array(repeating: 0, count: models.count * horizon)
    scratch = sampler.makeScratch()
    errors = Array(repeating: 0, count: horizon)
  }

  mutating func draw(from stream: inout RandomStream) -> Forecast.Trajectory {
    sampler.draw(&tokens, scratch: &scratch, from: &stream)
    var values = Array(repeating: 0.0, count: models.count * horizon)
    var cost = 0.0
    for (channel, model) in models.enumerated() {
      if let constant = model.constant {
        // Certain, so its tokens cost nothing.
        for step in 0..<horizon { values[step * models.count + channel] = constant }
      } else if let codec = model.codec {
        for step in 0..<horizon {
          let drawn = model.codedValue(codec, step: step, at: stream.uniform())
          values[step * models.count + channel] = drawn.value
          cost += drawn.cost
        }
      } else {
        let offset = channel * horizon
        for index in offset..<(offset + horizon) { cost += vocabulary.costs[tokens[index]] }
        decoder.decode(tokens, from: offset, factors: model.covariance.factors, into: &errors)
        for step in 0..<horizon {
          values[step * models.count + channel] = model.value(step: step, error: errors[step])
        }
      }
    }
    return Forecast.Trajectory(loss: cost / Double(models.count * horizon), values: values)
  }
}
