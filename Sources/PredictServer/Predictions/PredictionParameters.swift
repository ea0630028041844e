import Forecasting
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// The checked parameters of a prediction.
struct PredictionParameters: Sendable {
  /// The data profile's name as asked, perhaps of none.
  let dataProfile: String
  /// Trajectories, 1 to 1,000.
  let count: Int
  /// Over 0, finite.
  let temperature: Double
  /// 0 to 1.
  let topP: Double
  /// 1 to 255 visible ASCII characters, or none.
  let idempotencyKey: String?
  /// The charge is committed by then or not at all.
  let chargeDeadline: ContinuousClock.Instant

  private static let defaultChargeTimeout = Duration.seconds(30)

  /// - Throws: `invalidPredictionParameters`.
  init(_ request: Temporis_Predict_V1_PredictRequest) throws(ServiceError) {
    guard (1...1_000).contains(request.count), request.temperature.isFinite, request.temperature > 0,
      (0...1).contains(request.topP)
    else { throw ServiceError(.invalidPredictionParameters) }
    dataProfile = request.dataProfile
    count = Int(request.count)
    temperature = request.temperature
    topP = request.topP
    let timeout = request.hasChargeTimeout ? Duration(positive: request.chargeTimeout) : Self.defaultChargeTimeout
    guard let timeout else { throw ServiceError(.invalidPredictionParameters) }
    chargeDeadline = .now + timeout
    idempotencyKey = try IdempotencyKey.ofPrediction(request.idempotencyKey)
  }

  /// The values of the trajectories that a profile's settings make of these parameters.
  func values(of settings: ForecastSettings) -> Int { count * settings.horizon * settings.names.count }

  /// Whether a stored prediction answers these parameters.
  func asksTheSame(as stored: StoredPrediction) -> Bool {
    dataProfile == stored.dataProfile && count == stored.count && temperature == stored.temperature
      && topP == stored.topP
  }
}

extension Duration {
  /// `nil` when it is not over 0, or out of the range that the message may have.
  fileprivate init?(positive message: Google_Protobuf_Duration) {
    let limit: Int64 = 315_576_000_000
    guard (0...limit).contains(message.seconds), (0..<1_000_000_000).contains(message.nanos) else { return nil }
    self = .seconds(message.seconds) + .nanoseconds(message.nanos)
    guard self > .zero else { return nil }
  }
}
