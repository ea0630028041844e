/// The forecasting engine of one profile: fits on a request's own context and samples futures by tokens.
///
/// Deterministic: the same settings, context, arguments and seed give the same answer. Everything runs on the calling
/// thread and takes milliseconds to seconds, so call it off the event loops.
package struct Forecaster: Sendable {
  private let settings: ForecastSettings

  package init(settings: ForecastSettings) {
    self.settings = settings
  }

  /// Learns what a context tells.
  ///
  /// - Parameter context: with one channel a name of the settings.
  /// - Throws: `ForecastError` with `invalidArgument` or `windowCoversForecast`; `CancellationError` once the task is
  ///   cancelled, looked at between channels.
  package func fit(_ context: ForecastContext) throws -> ForecastModel {
    guard context.channels.count == settings.names.count else {
      throw ForecastError(
        code: .invalidArgument,
        message: "the context has \(context.channels.count) channels where the profile names \(settings.names.count)")
    }
    let timestamps = try ForecastTimestamps.after(context.predictFrom, count: settings.horizon, settings: settings)
    let fits = try context.channels.map { channel in
      try Task.checkCancellation()
      return ChannelFit(channel, settings: settings)
    }
    return ForecastModel(fits, context: context, timestamps: timestamps, settings: settings)
  }

  /// Fits, and samples `count` trajectories.
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
    try ForecastModel.check(count: count, temperature: temperature, topP: topP)
    return try fit(context).sample(count: count, temperature: temperature, topP: topP, seed: seed)
  }
}
