import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// The response that an idempotency key replays, with the request that it answers.
struct StoredPrediction: Sendable {
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

  /// Builds the response again.
  ///
  /// A response of a release before headers told what was billed is completed from its charge.
  /// - Throws: `idempotencyKeyReused` when it is another request's; `engineBusy` when the budget is spent.
  func replay(
    for parameters: PredictionParameters, of accountID: String, within budget: FairLimiter<String>,
    findingCharge charge: (_ requestID: String) async throws -> Charge?
  ) async throws -> PredictionResponse {
    guard parameters.asksTheSame(as: self) else { throw ServiceError(.idempotencyKeyReused) }
    let share = try await budget.share(
      of: messages.reduce(0) { $0 + $1.count } / MemoryLayout<Double>.size, for: accountID)
    var messages = try messages.map { try Temporis_Predict_V1_PredictResponse(serializedBytes: $0) }
    if let header = messages.first?.header, header.modelTokens == 0, let charge = try await charge(header.requestID) {
      messages[0].header.modelTokens = charge.modelTokens
      messages[0].header.priceNanoDollars = charge.price
      messages[0].header.nanoDollars = charge.cost
    }
    return PredictionResponse(messages: messages, share: share)
  }
}
