import Postgres

/// What predictions of some time used.
struct Usage: Sendable {
  let startTime: PostgresTimestamp
  let predictions: Int64
  let modelTokens: Int64
  let nanoDollars: Int64
}

extension BillingLedger {
  /// Adds up the current month.
  ///
  /// The sums are exact: one that does not fit 64 bits is the server's error, never a wrong number.
  func usageOfCurrentMonth(accountID: String) async throws -> Usage {
    let rows = try await database.query(
      """
      SELECT month.start_time, count(b.request_id) AS predictions,
        coalesce(sum(b.model_tokens), 0)::bigint AS model_tokens,
        coalesce(sum(b.cost_nano_dollars), 0)::bigint AS nano_dollars
      FROM (
        SELECT first AT TIME ZONE 'UTC' AS start_time, (first + interval '1 month') AT TIME ZONE 'UTC' AS end_time
        FROM date_trunc('month', now() AT TIME ZONE 'UTC') AS first
      ) AS month
      LEFT JOIN predict.billing_record AS b
        ON b.account_id = $1 AND b.create_time >= month.start_time AND b.create_time < month.end_time
      GROUP BY month.start_time
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
