import Postgres
import TokenDomain

extension TokenStore {
  /// Moves the last-use days of access tokens forward, never back.
  ///
  /// - Parameter days: Days since 1970-01-01 by token.
  func recordUses(_ days: [AccessTokenUse: Int]) async throws {
    let uses = Array(days)
    try await transaction { transaction in
      // Rows are locked in the order of their keys, or two replicas' batches could wait for each other.
      _ = try await transaction.execute(
        """
        WITH use AS (
          SELECT t.account_id, t.access_token_id, DATE '1970-01-01' + u.day::integer AS day
          FROM unnest($1::text[], $2::text[], $3::int8[]) AS u (account_id, access_token_id, day)
          JOIN token.access_token t USING (account_id, access_token_id)
          WHERE t.last_use_day IS NULL OR t.last_use_day < DATE '1970-01-01' + u.day::integer
          ORDER BY t.account_id, t.access_token_id
          FOR UPDATE OF t
        )
        UPDATE token.access_token t SET last_use_day = GREATEST(t.last_use_day, use.day) FROM use
        WHERE t.account_id = use.account_id AND t.access_token_id = use.access_token_id
        """,
        .textArray(uses.map(\.key.accountID)), .textArray(uses.map(\.key.accessTokenID)),
        .int8Array(uses.map { Int64($0.value) }))
    }
  }

  /// Replaces a hash under a retired pepper by the one under the current pepper, if it is still there.
  func rekey(_ rekeying: Rekeying) async throws {
    try await transaction { transaction in
      _ = try await transaction.execute(
        """
        UPDATE token.credential SET secret_hash = $1, pepper_version = $2
        WHERE secret_hash = $3 AND pepper_version = $4
        """,
        .bytea(rekeying.current.bytes), .int4(rekeying.current.pepperVersion), .bytea(rekeying.stale.bytes),
        .int4(rekeying.stale.pepperVersion))
    }
  }

  /// Removes sessions that have expired and idempotency keys of more than 30 days: no answer depends on either.
  ///
  /// A bounded number at a time, so that no statement holds many locks.
  package func sweep(limit: Int = 10_000) async throws {
    try await transaction { transaction in
      _ = try await transaction.execute(
        """
        DELETE FROM token.credential WHERE secret_hash IN (
          SELECT secret_hash FROM token.credential
          WHERE kind = 'dashboard_session' AND expire_time < now() LIMIT $1 FOR UPDATE SKIP LOCKED)
        """, .int(limit))
    }
    try await transaction { transaction in
      _ = try await transaction.execute(
        """
        DELETE FROM token.session WHERE (account_id, session_id) IN (
          SELECT account_id, session_id FROM token.session WHERE expire_time < now() LIMIT $1)
        """, .int(limit))
    }
    try await transaction { transaction in
      _ = try await transaction.execute(
        """
        DELETE FROM token.idempotency WHERE (account_id, key_hash) IN (
          SELECT account_id, key_hash FROM token.idempotency
          WHERE create_time < now() - interval '30 days' LIMIT $1)
        """, .int(limit))
    }
  }
}
