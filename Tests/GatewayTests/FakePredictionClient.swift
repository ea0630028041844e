import Gateway
import Synchronization
import TemporisAPI

/// Answers with the parts that it was given, and then does what it is told.
final class FakePredictionClient: PredictionClient {
  struct Call: Sendable {
    let request: Temporis_Predict_V1_PredictRequest
    let authorization: String
  }

  private let received = Mutex<[Call]>([])
  private let parts: [Temporis_Predict_V1_PredictResponse]
  private let then: @Sendable () async throws -> Void

  init(_ parts: [Temporis_Predict_V1_PredictResponse] = [], then: @escaping @Sendable () async throws -> Void = {}) {
    self.parts = parts
    self.then = then
  }

  var calls: [Call] { received.withLock { $0 } }

  func predict(
    _ request: Temporis_Predict_V1_PredictRequest, authorization: String,
    receive: @escaping @Sendable (Temporis_Predict_V1_PredictResponse) async throws -> Void
  ) async throws {
    received.withLock { $0.append(Call(request: request, authorization: authorization)) }
    for part in parts { try await receive(part) }
    try await then()
  }
}

extension Temporis_Predict_V1_PredictResponse {
  /// A header.
  static func header(
    names: [String], timestamps: [Int64], dataProfile: String = "hourly_orders", modelTokens: Int64 = 0,
    nanoDollars: Int64 = 0
  ) -> Self {
    var header = Temporis_Predict_V1_PredictionHeader()
    header.requestID = "0123456789abcdef0123456789abcdef"
    header.dataProfile = dataProfile
    header.predictFrom = 1_700_000_000
    header.names = names
    header.timestamps = timestamps
    header.modelTokens = modelTokens
    header.nanoDollars = nanoDollars
    var response = Self()
    response.header = header
    return response
  }

  /// A trajectory.
  static func trajectory(loss: Double, _ values: [Double]) -> Self {
    var trajectory = Temporis_Predict_V1_Trajectory()
    trajectory.loss = loss
    trajectory.values = values
    var response = Self()
    response.trajectory = trajectory
    return response
  }
}
