import Postgres
import ServiceKit
import TokenDomain

extension TokenStore {
  /// The most uses that are written at a time: a change of one of their tokens waits for no more.
  private static let useLimit = 500

  /// Moves the last-use days of access tokens forward, never back. A token that is being changed is left out.
  ///
  /// - Parameter days: Days since 1970-01-01 by token.
  func recordUses(_ days: [AccessTokenUse: Int]) async throws {
    var uses = Array(days)[...]
    while !uses.isEmpty {
      try await recordUses(Array(uses.prefix(Self.useLimit)))
      uses = uses.dropFirst(Self.useLimit)
    }
  }

  private func recordUses(_ uses: [(key: AccessTokenUse, value: Int)]) async throws {
    try await transaction { transaction in
      // It waits for no row: changes lock several rows, one after another, so that it could wait for one that waits for
      // it. A deletion would then be answered a second later, which is PostgreSQL's time to find that out.
      _ = try await transaction.execute(
        """
        WITH use AS (
          SELECT t.account_id, t.access_token_id, DATE '1970-01-01' + u.day::integer AS day
          FROM unnest($1::text[], $2::text[], $3::int8[]) AS u (account_id, access_token_id, day)
          JOIN token.access_token t USING (account_id, access_token_id)
          WHERE t.last_use_day IS NULL OR t.last_use_day < DATE '1970-01-01' + u.day::integer
          FOR UPDATE OF t SKIP LOCKED
        )
        UPDATE token.access_token t SET last_use_day = GREATEST(t.last_use_day, use.day) FROM use
        WHERE t.account_id = use.account_id AND t.access_token_id = use.access_token_id
        """,
        .textArray(uses.map(\.key.accountID)), .textArray(uses.map(\.key.accessTokenID)),
        .int8Array(uses.map { Int64($0.value) }))
    }
  }

  /// Adds refusals to the hour's audit records, those of credentials that there are.
  func record(_ refusals: Refusals) async throws {
    // In the order of their keys, or two reports could wait for each other.
    let counts = refusals.counts.sorted {
      ($0.key.accountID, $0.key.credentialID, $0.key.reason.rawValue)
        < ($1.key.accountID, $1.key.credentialID, $1.key.reason.rawValue)
    }
    guard !counts.isEmpty else { return }
    try await transaction { transaction in
      _ = try await transaction.execute(
        """
        INSERT INTO token.audit (account_id, audit_id, action, actor_id, subject_id, count, hour)
        SELECT account_id, audit_id, action, credential_id, credential_id, count, date_trunc('hour', now(), 'UTC')
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int8[])
          AS refusals (account_id, audit_id, action, credential_id, count)
        WHERE EXISTS (
          SELECT FROM token.credential c
          WHERE c.account_id = refusals.account_id AND c.credential_id = refusals.credential_id)
        ON CONFLICT (account_id, action, actor_id, subject_id, hour) WHERE hour IS NOT NULL
        DO UPDATE SET count = audit.count + excluded.count
        """,
        .textArray(counts.map(\.key.accountID)), .textArray(counts.map { _ in ResourceID.make("aud") }),
        .textArray(counts.map(\.key.reason.rawValue)), .textArray(counts.map(\.key.credentialID)),
        .int8Array(counts.map(\.value)))
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

  /// Removes sessions and previous secrets that have expired, and idempotency keys of more than 30 days: no answer
  /// depends on any.
  ///
  /// A bounded number at a time, so that no statement holds many locks, until nothing is left.
  package func sweep(limit: Int = 10_000) async throws {
    for statement in Self.sweeps {
      var removed = limit
      while removed == limit {
        removed = try await transaction { transaction in
          try await transaction.execute(statement, .int(limit)).affected
        }
      }
    }
  }

  private static let sweeps = [
    """
    DELETE FROM token.credential WHERE secret_hash IN (
      SELECT secret_hash FROM token.credential
      WHERE kind = 'dashboard_session' AND expire_time < now() LIMIT $1 FOR UPDATE SKIP LOCKED)
    """,
    """
    DELETE FROM token.credential WHERE secret_hash IN (
      SELECT secret_hash FROM token.credential WHERE is_previous AND expire_time < now() LIMIT $1
      FOR UPDATE SKIP LOCKED)
    """,
    """
    DELETE FROM token.session WHERE (account_id, session_id) IN (
      SELECT account_id, session_id FROM token.session WHERE expire_time < now() LIMIT $1
      FOR UPDATE SKIP LOCKED)
    """,
    """
    DELETE FROM token.idempotency WHERE (account_id, key_hash) IN (
      SELECT account_id, key_hash FROM token.idempotency
      WHERE create_time < now() - interval '30 days' LIMIT $1)
    """,
  ]
}
