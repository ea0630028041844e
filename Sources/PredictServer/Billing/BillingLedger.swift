import Postgres
import SwiftProtobuf
import TemporisAPI

/// The billing records and, committed with them, the answers that idempotency keys replay.
///
/// Each write is one statement, and so one transaction: it is there as a whole or not at all.
struct BillingLedger: Sendable {
  private static let columns = """
    account_id, request_id, credential_id, profile_id, profile_name, model_tokens, price_nano_dollars, cost_nano_dollars
    """
  /// An answer is replayed for 24 hours.
  private static let lifetime = "interval '24 hours'"
  private static let pruneLimit = 500
  let database: Database

  /// Bills a prediction without an idempotency key.
  ///
  /// - Throws: `PostgresError`; with `connectionLost` the outcome is unknown.
  func record(_ bill: BillingRecord) async throws {
    _ = try await database.execute(
      "INSERT INTO predict.billing_record (\(Self.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      parameters: bill.parameters)
  }

  /// Claims a key, bills the prediction and stores its answer.
  ///
  /// A claim of the same key that is not committed yet is waited for.
  /// - Returns: false when the key has an answer already; then nothing was billed.
  /// - Throws: `PostgresError`; with `connectionLost` the outcome is unknown, and asking again with the key finds it out.
  func record(
    _ prediction: Prediction, of parameters: PredictionParameters, under key: KeyQueue.Key
  ) async throws -> Bool {
    let messages = try prediction.messages.map { try $0.serializedBytes() as [UInt8] }
    let recorded = try await database.query(
      """
      WITH claim AS (
        INSERT INTO predict.prediction_answer AS answer
          (account_id, idempotency_key, data_profile, count, temperature, top_p, messages)
        VALUES ($1, $9, $10, $11, $12, $13, $14)
        ON CONFLICT (account_id, idempotency_key) DO UPDATE SET
          data_profile = excluded.data_profile, count = excluded.count, temperature = excluded.temperature,
          top_p = excluded.top_p, messages = excluded.messages, create_time = excluded.create_time
        WHERE answer.create_time <= now() - \(Self.lifetime)
        RETURNING account_id
      )
      INSERT INTO predict.billing_record (\(Self.columns))
      SELECT claim.account_id, $2::text, $3::text, $4::text, $5::text, $6::bigint, $7::bigint, $8::bigint FROM claim
      """,
      parameters: bill(prediction, parameters, key, messages), on: .exclusive)
    return recorded.affected == 1
  }

  /// The answer that a key replays now.
  func answer(to key: KeyQueue.Key) async throws -> StoredAnswer? {
    try await database.query(
      """
      SELECT data_profile, count, temperature, top_p, messages FROM predict.prediction_answer
      WHERE account_id = $1 AND idempotency_key = $2 AND create_time > now() - \(Self.lifetime)
      """,
      .text(key.accountID), .text(key.idempotencyKey)
    ).first.map(StoredAnswer.init)
  }

  /// Deletes some of the answers that no key replays any more, and tells how many.
  func pruneAnswers() async throws -> Int {
    try await database.query(
      """
      DELETE FROM predict.prediction_answer WHERE (account_id, idempotency_key) IN (
        SELECT account_id, idempotency_key FROM predict.prediction_answer
        WHERE create_time <= now() - \(Self.lifetime) ORDER BY create_time LIMIT \(Self.pruneLimit) FOR UPDATE SKIP LOCKED
      )
      """,
      on: .exclusive
    ).affected
  }

  private func bill(
    _ prediction: Prediction, _ parameters: PredictionParameters, _ key: KeyQueue.Key, _ messages: [[UInt8]]
  ) -> [PostgresValue] {
    prediction.bill.parameters + [
      .text(key.idempotencyKey), .text(parameters.dataProfile), .int4(Int32(parameters.count)),
      .float8(parameters.temperature), .float8(parameters.topP), .byteaArray(messages),
    ]
  }
}

extension BillingRecord {
  /// In the order of the table's columns.
  fileprivate var parameters: [PostgresValue] {
    [
      .text(accountID), .text(requestID), .text(credentialID), .text(profileID), .text(profileName), .int8(modelTokens),
      .int8(price), .int8(cost),
    ]
  }
}
