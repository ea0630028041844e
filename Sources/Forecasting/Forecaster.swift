/// The forecasting engine of one profile: fits on a request's own context and samples futures by tokens.
///
/// Deterministic: the same settings, context, arguments and seed give the same answer. Everything runs on the calling
/// thread and takes milliseconds to seconds, so call it off the event loops.
package struct Forecaster: Sendable {
  private let settings: ForecastSettings

  package init(settings: ForecastSettings) {
    self.settings = settings
  }

  /// Samples `count` trajectories.
  ///
  /// - Parameters:
  ///   - context: with one channel a name of the settings.
  ///   - count: 1 to 1,000.
  ///   - temperature: above 0, finite; spreads the tokens, 1 is calibrated.
  ///   - topP: 0 to 1; keeps the likeliest tokens of that mass, 1 keeps all.
  ///   - seed: of the request; each trajectory derives its own stream from it.
  /// - Throws: `ForecastError` with `invalidArgument` or `windowCoversForecast`; `CancellationError` once the task is
  ///   cancelled, looked at between channels and between trajectories.
  package func forecast(
    context: ForecastContext, count: Int, temperature: Double, topP: Double, seed: UInt64
  ) throws -> Forecast {
    try Self.check(context, channels: settings.names.count, count: count, temperature: temperature, topP: topP)
    let timestamps = try ForecastTimestamps.after(
      context.predictFrom, count: settings.horizon, settings: settings)
    let basis = CosineBasis(length: settings.patchLength)
    let lagWeights = basis.lagWeights()
    let models = try context.channels.map { channel in
      try Task.checkCancellation()
      return ChannelModel(
        channel, settings: settings, basis: basis, lagWeights: lagWeights, temperature: temperature, topP: topP)
    }
    var sampler = TrajectorySampler(
      models: models, basis: basis, horizon: settings.horizon, temperature: temperature, topP: topP)
    var trajectories: [Forecast.Trajectory] = []
    trajectories.reserveCapacity(count)
    for index in 0..<count {
      try Task.checkCancellation()
      var stream = RandomStream(seed: seed, trajectory: index)
      trajectories.append(sampler.draw(from: &stream))
    }
    return Forecast(
      predictFrom: context.predictFrom, timestamps: timestamps, trajectories: trajectories,
      modelTokens: settings.modelTokens(count: count))
  }

  private static func check(
    _ context: ForecastContext, channels: Int, count: Int, temperature: Double, topP: Double
  ) throws(ForecastError) {
    func refuse(_ message: String) -> ForecastError { ForecastError(code: .invalidArgument, message: message) }
    guard context.channels.count == channels else {
      throw refuse("the context has \(context.channels.count) channels where the profile names \(channels)")
    }
    guard (1...1_000).contains(count) else { throw refuse("count must be 1 to 1000, not \(count)") }
    guard temperature.isFinite, temperature > 0 else {
      throw refuse("temperature must be a number above 0, not \(temperature)")
    }
    guard (0...1).contains(topP) else { throw refuse("top_p must be 0 to 1, not \(topP)") }
  }
}
