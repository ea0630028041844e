package import Forecasting
import ServiceKit

/// Turns history into trajectories. Called on the engine's threads, inside a task whose cancellation it should look at.
package protocol PredictionEngine: Sendable {
  /// Samples futures of what is on the profile's grid.
  ///
  /// - Parameters:
  ///   - rows: One series per name, in the settings' order.
  ///   - seed: The same seed gives the same forecast.
  /// - Throws: `ForecastError`, `CancellationError`.
  func forecast(
    _ rows: GridRows, settings: ForecastSettings, count: Int, temperature: Double, topP: Double,
    seed: UInt64
  ) throws -> Forecast
}

/// The engine of `Forecasting`.
package struct ForecastingEngine: PredictionEngine {
  package init() {}

  package func forecast(
    _ rows: GridRows, settings: ForecastSettings, count: Int, temperature: Double, topP: Double,
    seed: UInt64
  ) throws -> Forecast {
    let context = try ForecastContext(rows: rows, settings: settings)
    return try Forecaster(settings: settings).forecast(
      context: context, count: count, temperature: temperature, topP: topP, seed: seed)
  }
}

extension ServiceError {
  /// The engine's refusal as a caller's error. `nil` when it is a fault of ours.
  init?(_ error: ForecastError) {
    switch error.code {
    case .notEnoughData, .windowCoversForecast: self.init(.notEnoughData)
    case .invalidArgument: self.init(.invalidPredictionParameters)
    default: return nil
    }
  }
}
