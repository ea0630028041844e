import ServiceKit
import TemporisAPI

/// What a caller asks to be predicted, checked.
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

  /// - Throws: `invalidPredictionParameters`.
  init(_ request: Temporis_Predict_V1_PredictRequest) throws(ServiceError) {
    guard (1...1_000).contains(request.count), request.temperature.isFinite, request.temperature > 0,
      (0...1).contains(request.topP)
    else { throw ServiceError(.invalidPredictionParameters) }
    dataProfile = request.dataProfile
    count = Int(request.count)
    temperature = request.temperature
    topP = request.topP
    idempotencyKey = try IdempotencyKey.ofPrediction(request.idempotencyKey)
  }

  /// Whether a stored answer answers these parameters.
  func asksTheSame(as answer: StoredAnswer) -> Bool {
    dataProfile == answer.dataProfile && count == answer.count && temperature == answer.temperature
      && topP == answer.topP
  }
}
