package import Forecasting
import ServiceKit

/// Turns history into models. Called on the engine's threads, inside a task whose cancellation it should look at.
package protocol PredictionEngine: Sendable {
  /// Fits all that depends on the history alone.
  ///
  /// - Parameter rows: What is on the profile's grid, one series per name, in the settings' order.
  /// - Throws: `ForecastError`, `CancellationError`.
  func fit(_ rows: GridRows, settings: ForecastSettings) throws -> any PredictionModel
}

/// What was fitted on one history. Its futures are sampled where the engine fits.
package protocol PredictionModel: Sendable {
  /// About as many bytes of memory as it takes.
  var byteCount: Int { get }

  /// Samples futures.
  ///
  /// - Parameter seed: The same seed gives the same forecast.
  /// - Throws: `ForecastError`, `CancellationError`.
  func sample(count: Int, temperature: Double, topP: Double, seed: UInt64) throws -> Forecast
}

/// The engine of `Forecasting`.
package struct ForecastingEngine: PredictionEngine {
  package init() {}

  package func fit(_ rows: GridRows, settings: ForecastSettings) throws -> any PredictionModel {
    let context = try ForecastContext(rows: rows, settings: settings)
    return try Forecaster(settings: settings).fit(context)
  }
}

extension ForecastModel: PredictionModel {}

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
