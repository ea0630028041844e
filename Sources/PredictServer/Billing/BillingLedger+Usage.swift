import Postgres

/// What predictions of some time used.
struct Usage: Sendable {
  let startTime: PostgresTimestamp
  let predictions: Int64
  let modelTokens: Int64
  let nanoDollars: Int64
}

extension BillingLedger {
  /// The changes that one statement adds to the sums.
  private static let foldLimit = 1_000

  /// Adds up the current month: its days' sums, however many predictions there were.
  ///
  /// The sums are exact: one that does not fit 64 bits is the server's error, never a wrong number.
  func usageOfCurrentMonth(accountID: String) async throws -> Usage {
    let rows = try await database.query(
      """
      SELECT month.first AT TIME ZONE 'UTC' AS start_time, coalesce(sum(u.predictions), 0)::bigint AS predictions,
        coalesce(sum(u.model_tokens), 0)::bigint AS model_tokens,
        coalesce(sum(u.nano_dollars), 0)::bigint AS nano_dollars
      FROM date_trunc('month', now() AT TIME ZONE 'UTC') AS month (first)
      LEFT JOIN (
        SELECT day, predictions, model_tokens, nano_dollars FROM predict.usage_day WHERE account_id = $1
        UNION ALL
        SELECT day, predictions, model_tokens, nano_dollars FROM predict.usage_change WHERE account_id = $1
      ) AS u ON u.day >= month.first::date AND u.day < (month.first + interval '1 month')::date
      GROUP BY month.first
      """,
      .text(accountID))
    return try Usage(rows)
  }

  /// Adds up what one credential of an account was billed in the last 24 hours; see
  /// ``usageOfCurrentMonth(accountID:)``.
  func usageOfLastDay(credentialID: String, accountID: String) async throws -> Usage {
    // No credential has such an id, and PostgreSQL refuses a NUL in a text.
    let credentialID = credentialID.utf8.contains(0) ? "" : credentialID
    let rows = try await database.query(
      """
      SELECT day.start_time, count(b.request_id) AS predictions,
        coalesce(sum(b.model_tokens), 0)::bigint AS model_tokens,
        coalesce(sum(b.cost_nano_dollars), 0)::bigint AS nano_dollars
      FROM (SELECT now() - interval '24 hours' AS start_time) AS day
      LEFT JOIN predict.billing_record AS b
        ON b.account_id = $1 AND b.create_time >= day.start_time AND b.credential_id = $2
      GROUP BY day.start_time
      """,
      .text(accountID), .text(credentialID))
    return try Usage(rows)
  }

  /// Adds what was billed to the sums of its days, some at a time.
  func foldUsage() async throws {
    while try await foldSomeUsage() > 0 { try Task.checkCancellation() }
  }

  /// - Returns: The number of changes that were added.
  private func foldSomeUsage() async throws -> Int64 {
    // Changes that another replica adds just now are skipped. Sums are locked in the order of their keys.
    let folded = try await database.executeAlone(
      """
      WITH taken AS (
        DELETE FROM predict.usage_change WHERE (account_id, id) IN (
          SELECT account_id, id FROM predict.usage_change LIMIT \(Self.foldLimit) FOR UPDATE SKIP LOCKED)
        RETURNING account_id, day, credential_id, profile_id, predictions, model_tokens, nano_dollars
      ), added AS (
        INSERT INTO predict.usage_day AS u
          (account_id, day, credential_id, profile_id, predictions, model_tokens, nano_dollars)
        SELECT account_id, day, credential_id, profile_id, sum(predictions)::bigint, sum(model_tokens),
          sum(nano_dollars)
        FROM taken GROUP BY account_id, day, credential_id, profile_id
        ORDER BY account_id, day, credential_id, profile_id
        ON CONFLICT (account_id, day, credential_id, profile_id) DO UPDATE SET
          predictions = u.predictions + excluded.predictions, model_tokens = u.model_tokens + excluded.model_tokens,
          nano_dollars = u.nano_dollars + excluded.nano_dollars
      )
      SELECT count(*) FROM taken
      """)
    return try folded.first?.decode(0) ?? 0
  }
}

extension Usage {
  fileprivate init(_ rows: PostgresRows) throws {
    guard let row = rows.first else { throw EmptyUsage() }
    self.init(
      startTime: try row.decode("start_time"), predictions: try row.decode("predictions"),
      modelTokens: try row.decode("model_tokens"), nanoDollars: try row.decode("nano_dollars"))
  }
}

/// An aggregate that answered no row, which no PostgreSQL does.
private struct EmptyUsage: Error {}
