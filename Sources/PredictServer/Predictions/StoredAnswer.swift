import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// The answer that an idempotency key replays, with the request that it answers.
struct StoredAnswer: Sendable {
  let dataProfile: String
  let count: Int
  let temperature: Double
  let topP: Double
  /// Each message as it was sent.
  let messages: [[UInt8]]

  /// Reads the columns `data_profile`, `count`, `temperature`, `top_p` and `messages`.
  init(_ row: PostgresRow) throws {
    dataProfile = try row.decode("data_profile")
    count = try row.decode("count")
    temperature = try row.decode("temperature")
    topP = try row.decode("top_p")
    messages = try row.decode("messages")
  }

  /// The messages again.
  ///
  /// - Throws: `idempotencyKeyReused` when the answer is another request's.
  func replay(for parameters: PredictionParameters) throws -> [Temporis_Predict_V1_PredictResponse] {
    guard parameters.asksTheSame(as: self) else { throw ServiceError(.idempotencyKeyReused) }
    return try messages.map { try Temporis_Predict_V1_PredictResponse(serializedBytes: $0) }
  }
}
