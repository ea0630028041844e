import Forecasting
import TemporisAPI

/// A drawn prediction: what it answers and what it costs. Not to be answered before it is billed.
struct Prediction: Sendable {
  let bill: BillingRecord
  /// The header, then the trajectories.
  let messages: [Temporis_Predict_V1_PredictResponse]

  init(_ forecast: Forecast, of parameters: PredictionParameters, names: [String], bill: BillingRecord) {
    self.bill = bill
    var header = Temporis_Predict_V1_PredictResponse()
    header.header.requestID = bill.requestID
    header.header.dataProfile = parameters.dataProfile
    header.header.predictFrom = forecast.predictFrom
    header.header.names = names
    header.header.timestamps = forecast.timestamps
    messages =
      [header]
      + forecast.trajectories.map { trajectory in
        var message = Temporis_Predict_V1_PredictResponse()
        message.trajectory.loss = trajectory.loss
        message.trajectory.values = trajectory.values
        return message
      }
  }
}
