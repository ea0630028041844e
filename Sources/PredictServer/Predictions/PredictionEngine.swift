package import Forecasting

/// What turns rows into trajectories. Called on the engine's threads, inside a task whose cancellation it should look at.
package protocol PredictionEngine: Sendable {
  /// Puts rows on the profile's grid and samples futures.
  ///
  /// - Parameters:
  ///   - observations: one a name, in the settings' order.
  ///   - seed: the same seed gives the same answer.
  /// - Throws: `ForecastError`, `CancellationError`.
  func forecast(
    _ observations: [Observations], settings: ForecastSettings, count: Int, temperature: Double, topP: Double,
    seed: UInt64
  ) throws -> Forecast
}

/// The engine of `Forecasting`.
package struct ForecastingEngine: PredictionEngine {
  package init() {}

  package func forecast(
    _ observations: [Observations], settings: ForecastSettings, count: Int, temperature: Double, topP: Double,
    seed: UInt64
  ) throws -> Forecast {
    let context = try ForecastContext(observations: observations, settings: settings)
    return try Forecaster(settings: settings).forecast(
      context: context, count: count, temperature: temperature, topP: topP, seed: seed)
  }
}
