import Logging
import Postgres
import ServiceDatabase
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// The billing records and, committed with them, the responses that idempotency keys replay.
///
/// Each write is one statement, and so one transaction: it is there as a whole or not at all. A write that is sent
/// cannot be taken back, so none is sent that might not be done in time; and one whose connection is lost is sent
/// again, which its primary key makes safe, because what is not known to be charged must not be refused.
struct BillingLedger: Sendable {
  private static let columns = """
    account_id, request_id, credential_id, profile_id, profile_name, model_tokens, price_nano_dollars, cost_nano_dollars
    """
  /// A response is replayed for 24 hours.
  private static let lifetime = "interval '24 hours'"
  private static let pruneLimit = 500
  private static let attempts = 20
  private static let resendDelay = Duration.milliseconds(250)
  /// For writes: its statements neither wait nor run for longer than ``writeTimeout``, and no others are before them.
  let charges: Database
  /// The longest time that a write may take, from when it is handed to ``charges``.
  let writeTimeout: Duration
  /// The part of it that storing a charge with its response may take.
  private var responseTimeout: Duration { writeTimeout / 2 }
  /// For reads, and for what is not urgent.
  let database: Database
  let logger: Logger

  /// Bills a prediction without an idempotency key.
  ///
  /// - Throws: `unavailable` when it cannot be done by the deadline, or its outcome stays unknown; `PostgresError`.
  func record(_ bill: BillingRecord, by deadline: ContinuousClock.Instant) async throws {
    try await resending(bill, by: deadline) {
      // A conflict is an earlier attempt that was committed: the key is a random number of this prediction alone.
      _ = try await charges.execute(
        """
        INSERT INTO predict.billing_record (\(Self.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (account_id, request_id) DO NOTHING
        """,
        parameters: bill.parameters)
    }
  }

  /// Claims a key, bills the prediction and stores its response.
  ///
  /// A claim of the same key that is not committed yet is waited for.
  /// - Returns: `false` when the key has a response already, perhaps this one: ``prediction(storedUnder:)`` reads it.
  /// - Throws: as the other one does.
  func record(
    _ prediction: Prediction, of parameters: PredictionParameters, under key: IdempotencyLock.Key
  ) async throws -> Bool {
    let messages = try prediction.messages.map { try $0.serializedBytes() as [UInt8] }
    let bill = bill(prediction, parameters, key, messages)
    return try await resending(prediction.bill, by: parameters.chargeDeadline) {
      try await charges.transaction { transaction in
        // Connections allow a statement what one of a batch may take; this one stores a whole response, and is alone.
        _ = try await transaction.query(
          "SELECT set_config('statement_timeout', $1, true) AS timeout", .text("\(responseTimeout.milliseconds)ms"))
        return try await transaction.query(
          """
          WITH claim AS (
            INSERT INTO predict.prediction_answer AS answer
              (account_id, idempotency_key, data_profile, count, temperature, top_p, messages, size)
            VALUES ($1, $9, $10, $11, $12, $13, $14, $15)
            ON CONFLICT (account_id, idempotency_key) DO UPDATE SET
              data_profile = excluded.data_profile, count = excluded.count, temperature = excluded.temperature,
              top_p = excluded.top_p, messages = excluded.messages, size = excluded.size,
              create_time = excluded.create_time
            WHERE answer.create_time <= now() - \(Self.lifetime)
            RETURNING account_id
          )
          INSERT INTO predict.billing_record (\(Self.columns))
          SELECT claim.account_id, $2::text, $3::text, $4::text, $5::text, $6::bigint, $7::bigint, $8::bigint FROM claim
          """,
          parameters: bill
        ).affected == 1
      }
    }
  }

  /// Writes, again where the connection was lost and nobody knows whether the write was committed.
  private func resending<Result>(
    _ bill: BillingRecord, by deadline: ContinuousClock.Instant, _ write: () async throws -> Result
  ) async throws -> Result {
    var isUnknown = false
    var lastError: PostgresError?
    do {
      for _ in 0..<Self.attempts {
        try requireTime(by: deadline, cause: lastError)
        do {
          return try await write()
        } catch let error as PostgresError where error.code == .connectionLost {
          isUnknown = true
          lastError = error
        } catch let error as PostgresError where isUnknown && error.isTransient {
          lastError = error
          // The earlier attempt may still be under way in the server, and hold this one up.
          try await pause(for: Self.resendDelay)
        }
      }
      throw ServiceError(.unavailable, cause: lastError)
    } catch {
      if isUnknown {
        logger.error(
          "A prediction was refused that may have been charged", metadata: ["request_id": "\(bill.requestID)"])
      }
      throw error
    }
  }

  /// Makes sure that a charge can still be written.
  ///
  /// - Throws: `unavailable` when what is left until the deadline is less than a write may take.
  func requireTime(by deadline: ContinuousClock.Instant, cause: (any Error)? = nil) throws(ServiceError) {
    guard .now + writeTimeout <= deadline else {
      throw ServiceError(.unavailable, "There is no time left to charge the prediction.", cause: cause)
    }
  }

  /// The prediction that a key replays now. Of one that a release before stored the size is that of what is on disk, at
  /// least.
  func prediction(storedUnder key: IdempotencyLock.Key) async throws -> StoredPrediction? {
    try await database.query(
      """
      SELECT data_profile, count, temperature, top_p, greatest(size, pg_column_size(messages)) AS size, create_time
      FROM predict.prediction_answer
      WHERE account_id = $1 AND idempotency_key = $2 AND create_time > now() - \(Self.lifetime)
      """,
      .text(key.accountID), .text(key.idempotencyKey)
    ).first.map(StoredPrediction.init)
  }

  /// The messages of a stored prediction; `nil` when its key replays it no longer.
  func messages(of prediction: StoredPrediction, under key: IdempotencyLock.Key) async throws -> [[UInt8]]? {
    try await database.query(
      """
      SELECT messages FROM predict.prediction_answer
      WHERE account_id = $1 AND idempotency_key = $2 AND create_time = $3
      """,
      .text(key.accountID), .text(key.idempotencyKey), .timestamp(prediction.createTime)
    ).first?.decode("messages")
  }

  /// Deletes the responses that no key replays any more, some at a time.
  func pruneResponses() async throws {
    while try await pruneSomeResponses() > 0 { try Task.checkCancellation() }
  }

  private func pruneSomeResponses() async throws -> Int {
    try await database.executeAlone(
      """
      DELETE FROM predict.prediction_answer WHERE (account_id, idempotency_key) IN (
        SELECT account_id, idempotency_key FROM predict.prediction_answer
        WHERE create_time <= now() - \(Self.lifetime) ORDER BY create_time LIMIT \(Self.pruneLimit)
        FOR UPDATE SKIP LOCKED
      )
      """
    ).affected
  }

  private func bill(
    _ prediction: Prediction, _ parameters: PredictionParameters, _ key: IdempotencyLock.Key, _ messages: [[UInt8]]
  ) -> [PostgresValue] {
    prediction.bill.parameters + [
      .text(key.idempotencyKey), .text(parameters.dataProfile), .int4(Int32(parameters.count)),
      .float8(parameters.temperature), .float8(parameters.topP), .byteaArray(messages),
      .int(messages.reduce(0) { $0 + $1.count }),
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

extension Duration {
  /// Whole milliseconds, at least 1: PostgreSQL takes 0 for no limit.
  fileprivate var milliseconds: Int64 {
    max(1, components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000)
  }
}
