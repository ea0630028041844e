import Forecasting
import ServiceKit

extension ServiceError {
  /// What a refusal of the engine means to the caller. Nil: a fault of ours.
  init?(_ error: ForecastError) {
    switch error.code {
    case .notEnoughData, .windowCoversForecast: self.init(.notEnoughData)
    case .invalidArgument: self.init(.invalidPredictionParameters)
    default: return nil
    }
  }
}
