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

  /// The answer again.
  ///
  /// - Throws: `idempotencyKeyReused` when it is another request's; `engineBusy` when the budget is spent.
  func replay(for parameters: PredictionParameters, within budget: AnswerBudget) throws -> Answer {
    guard parameters.asksTheSame(as: self) else { throw ServiceError(.idempotencyKeyReused) }
    let share = try budget.share(for: messages.reduce(0) { $0 + $1.count } / MemoryLayout<Double>.size)
    return Answer(
      messages: try messages.map { try Temporis_Predict_V1_PredictResponse(serializedBytes: $0) }, share: share)
  }
}
