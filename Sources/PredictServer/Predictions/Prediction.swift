import Forecasting
import TemporisAPI

/// A drawn prediction and its price. It must not be answered before it is billed.
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
    header.header.modelTokens = bill.modelTokens
    header.header.priceNanoDollars = bill.price
    header.header.nanoDollars = bill.cost
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

/// The public `request_id` of a prediction: 128 random bits.
struct PredictionID: Sendable {
  private let high: UInt64
  private let low: UInt64

  init() {
    high = .random(in: .min ... .max)
    low = .random(in: .min ... .max)
  }

  /// 32 hexadecimal digits.
  var text: String { Self.hexadecimal(high) + Self.hexadecimal(low) }

  /// The seed of the engine's random streams, so that a prediction can be drawn again from its id and its rows.
  var seed: UInt64 { high ^ low }

  /// Whether a text has the form of an id.
  static func isValid(_ text: String) -> Bool {
    text.utf8.count == 32 && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
  }

  private static func hexadecimal(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
