import Forecasting
import Testing

@Suite("Fixtures") struct FixtureTests {
  static let names = [
    "hourly additive", "hourly multiplicative", "random walk prices", "root noise", "monthly seasonal 60", "yearly 20",
    "short 6", "short 3", "jump", "solar counts", "intermittent monthly", "use diffs asinh", "copula three channels",
    "constant",
  ]

  private func fixture(_ name: String) throws -> FixtureCases.Case {
    try #require(try FixtureCases.read().cases.first { $0.name == name })
  }

  /// The largest difference, relative where the value is not small against the largest of its kind.
  private func distance(_ actual: [Double], _ expected: [Double]) -> Double {
    guard actual.count == expected.count else { return .infinity }
    let size = expected.lazy.filter(\.isFinite).reduce(0) { max($0, $1.magnitude) }
    return zip(actual, expected).reduce(0) { largest, pair in
      // Neither is equal to anything but itself.
      guard pair.0.isFinite, pair.1.isFinite else { return pair.0 == pair.1 ? largest : .infinity }
      return max(largest, (pair.0 - pair.1).magnitude / max(pair.1.magnitude, 1e-3 * size, 1e-15))
    }
  }

  @Test("No case is left out")
  func complete() throws {
    #expect(try FixtureCases.read().cases.map(\.name) == Self.names)
  }

  @Test("What is decided about a channel is as it should be", arguments: names)
  func decisions(name: String) throws {
    let fixture = try fixture(name)
    for expected in fixture.channels {
      let fit = ChannelFit(expected.context, settings: try fixture.settings())
      #expect(fit.scale.exponent == expected.exponent)
      #expect(fit.isConstant == expected.isConstant && fit.isCounted == expected.isCounted)
      #expect(fit.isNewLevel == expected.isNewLevel && fit.hasLogarithms == expected.hasLogarithms)
      #expect(fit.periods == expected.periods && fit.mixture.backtest.origins == expected.origins)
      #expect(fit.mixture.experts.map(\.name) == expected.experts)
      #expect(fit.noiseSpace.rawValue == expected.noiseSpace)
      switch fit.transform {
      case .level: #expect(expected.kind == "level")
      case .logarithm: #expect(expected.kind == "log")
      case .inverseSinh(let unit): #expect(expected.kind == "asinh" && distance([unit], [expected.unit]) < 1e-9)
      }
    }
  }

  @Test("Every fitted quantity is within a millionth", arguments: names)
  func quantities(name: String) throws {
    let fixture = try fixture(name)
    for expected in fixture.channels {
      let fit = ChannelFit(expected.context, settings: try fixture.settings())
      let pairs: [(String, [Double], [Double])] = [
        ("centre and width", [fit.normalisation.centre, fit.normalisation.width], [expected.centre, expected.width]),
        ("weights", fit.mixture.weights, expected.weights),
        ("path", fit.mixture.path, expected.path),
        ("path in the noise space", fit.path, expected.noisePath ?? expected.path),
        ("one-step mean square", [fit.mixture.oneStepMeanSquare], [expected.oneStepMeanSquare ?? .infinity]),
        ("step scale", fit.stepScale, expected.stepScale),
        ("forecast scale", fit.forecastScale, expected.forecastScale),
        (
          "level and persistence", [fit.covariance.level, fit.covariance.persistence],
          [expected.levelShare, expected.persistence]
        ),
        ("factors", fit.covariance.factors, expected.factors),
        ("highest", [fit.highest], [expected.highest]),
        ("codec values", fit.codec?.values ?? [], expected.codecValues ?? []),
        ("codec weights", fit.codec?.weights ?? [], expected.codecWeights ?? []),
        ("codec probabilities", fit.codec?.probabilities ?? [], expected.codecProbabilities ?? []),
      ]
      for (what, actual, wanted) in pairs where actual != wanted {
        #expect(distance(actual, wanted) < 1e-6, "\(what): \(actual.prefix(4)) where \(wanted.prefix(4)) is right")
      }
    }
  }

  @Test("The copula is within a millionth; one channel has none")
  func copula() throws {
    for fixture in try FixtureCases.read().cases {
      let context = try ForecastContext(predictFrom: 0, channels: fixture.channels.map(\.context))
      let model = try Forecaster(settings: try fixture.settings()).fit(context)
      if fixture.channels.count == 1 {
        #expect(model.copula == nil)
      } else {
        #expect(distance(try #require(model.copula).factor, fixture.copula) < 1e-6)
      }
    }
  }

  @Test("The vocabulary's values and probabilities are within a millionth, of unit variance")
  func vocabulary() throws {
    let (fixtures, vocabulary) = (try FixtureCases.read(), Vocabulary.standard)
    #expect(distance(vocabulary.values, fixtures.vocabulary) < 1e-6)
    #expect(distance(vocabulary.probabilities, fixtures.probabilities) < 1e-6)
    let variance = zip(vocabulary.values, vocabulary.probabilities).reduce(0) { $0 + $1.0 * $1.0 * $1.1 }
    #expect(abs(variance - 1) < 1e-12 && abs(vocabulary.probabilities.reduce(0, +) - 1) < 1e-12)
  }

  @Test("Draws have the quantiles and the loss that they should, as far as a thousand can tell", arguments: names)
  func draws(name: String) throws {
    let fixture = try fixture(name)
    let (channels, horizon) = (fixture.channels.count, try fixture.settings().horizon)
    let trajectories = try Forecaster.forecast(
      fixture.channels.map(\.context), try fixture.settings(), count: 1_000
    ).trajectories
    let loss = trajectories.reduce(0) { $0 + $1.loss } / 1_000
    #expect(abs(loss - fixture.meanLoss) < 0.03, "\(loss) where \(fixture.meanLoss) is right")
    for (index, expected) in fixture.channels.enumerated() {
      let drawn = (0..<horizon).map { step in trajectories.map { $0.values[step * channels + index] }.sorted() }
      let band = zip(expected.high, expected.low).reduce(0) { $0 + $1.0 - $1.1 } / Double(horizon)
      for (share, wanted) in [(0.1, expected.low), (0.5, expected.median), (0.9, expected.high)] {
        // Several steps together: a shift of all of them is what a wrong scale or inverse would show.
        let shift = zip(drawn, wanted).reduce(0) { $0 + $1.0[Int(share * 999)] - $1.1 } / Double(horizon)
        #expect(abs(shift) <= 0.08 * band, "\(share) is off by \(shift) of a band of \(band)")
      }
    }
  }
}
