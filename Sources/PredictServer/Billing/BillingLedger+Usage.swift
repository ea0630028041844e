import Postgres

/// The usage of an account in a calendar month (UTC).
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
    guard let row = rows.first else { throw EmptyUsage() }
    return Usage(
      startTime: try row.decode("start_time"), predictions: try row.decode("predictions"),
      modelTokens: try row.decode("model_tokens"), nanoDollars: try row.decode("nano_dollars"))
  }
}

/// An aggregate that answered no row, which no PostgreSQL does.
private struct EmptyUsage: Error {}
