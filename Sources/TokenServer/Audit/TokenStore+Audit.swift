import Postgres
package import ServiceKit

extension TokenStore {
  /// The account's audit records, newest first.
  ///
  /// - Throws: ``ServiceError`` `invalidArgument` when the page token is none of this list's.
  package func auditRecords(
    of accountID: String, page: PageRequest
  ) async throws -> (items: [AuditRecord], nextToken: String) {
    let after = try page.after.map(TimePosition.init)
    let rows = try await read(
      """
      SELECT \(AuditRecord.columns) FROM token.audit
      WHERE account_id = $1 AND ($2::timestamptz IS NULL OR (create_time, audit_id) < ($2, $3))
      ORDER BY create_time DESC, audit_id DESC LIMIT $4
      """,
      .text(accountID), .optional(after.map { PostgresTimestamp(microsecondsSince1970: $0.microseconds) }),
      .optional(after?.id), .int(page.limit + 1))
    return page.page(try rows.map(AuditRecord.init)) {
      TimePosition(microseconds: $0.createTime.microsecondsSince1970, id: $0.id).text
    }
  }

  /// Adds refused sign-ins to this hour's records of those addresses that have an account.
  func recordRefusals(_ counts: [String: Int], for reason: RefusedSignIns.Reason) async throws {
    let counts = Array(counts)
    try await transaction { transaction in
      // Rows are locked in the order of their keys, or two replicas' batches could wait for each other.
      _ = try await transaction.execute(
        """
        WITH refused AS (
          SELECT s.account_id, min(r.audit_id) AS audit_id, sum(r.count)::int8 AS count
          FROM unnest($1::text[], $2::text[], $3::int8[]) AS r (email_key, audit_id, count)
          JOIN token.sign_in s ON s.email_key = r.email_key
          GROUP BY s.account_id
        )
        INSERT INTO token.audit AS a (account_id, audit_id, action, actor_id, subject_id, count, hour)
        SELECT account_id, audit_id, $4, account_id, account_id, count, date_trunc('hour', now(), 'UTC')
        FROM refused ORDER BY account_id
        ON CONFLICT (account_id, action, actor_id, subject_id, hour) WHERE hour IS NOT NULL
        DO UPDATE SET count = a.count + excluded.count
        """,
        .textArray(counts.map(\.key)), .textArray(counts.map { _ in ResourceID.make("aud") }),
        .int8Array(counts.map { Int64($0.value) }), .text(reason.rawValue))
    }
  }

  /// Adds refused changes of a password to this hour's records of their accounts, by the sessions that asked.
  func recordRefusedPasswordChanges(_ counts: [RefusedSignIns.Caller: Int]) async throws {
    // In the order of their keys, as above.
    let counts = counts.sorted { ($0.key.accountID, $0.key.sessionID) < ($1.key.accountID, $1.key.sessionID) }
    try await transaction { transaction in
      _ = try await transaction.execute(
        """
        INSERT INTO token.audit AS a (account_id, audit_id, action, actor_id, subject_id, count, hour)
        SELECT account_id, audit_id, 'password.refuse', session_id, account_id, count, date_trunc('hour', now(), 'UTC')
        FROM unnest($1::text[], $2::text[], $3::text[], $4::int8[]) AS r (account_id, audit_id, session_id, count)
        ON CONFLICT (account_id, action, actor_id, subject_id, hour) WHERE hour IS NOT NULL
        DO UPDATE SET count = a.count + excluded.count
        """,
        .textArray(counts.map(\.key.accountID)), .textArray(counts.map { _ in ResourceID.make("aud") }),
        .textArray(counts.map(\.key.sessionID)), .int8Array(counts.map { Int64($0.value) }))
    }
  }
}
