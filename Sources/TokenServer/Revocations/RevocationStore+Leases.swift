import Postgres
import ServiceKit
package import TokenDomain

extension RevocationStore {
  /// The most leases at a time: far more than there are verifiers, and few enough to be counted for every change.
  package static let leaseLimit = 1_000

  /// Adds the lease of a verifier that has just forgotten all that it had looked up.
  ///
  /// - Parameter limit: How many leases there may be; registrations at the same moment may each be the last one.
  /// - Returns: The log's end, where the session begins. A change whose commit is under way is waited for: it either
  ///   finds the lease or is part of that log.
  /// - Throws: ``ServiceError`` `invalidArgument` for a session that is there already, `rateLimited` when there are too
  ///   many others.
  package func register(
    _ session: VerifierSessionID, lease: Duration, limit: Int = leaseLimit
  ) async throws -> LogPosition {
    do {
      return try await database.transaction(synchronousCommit: .on) { transaction in
        let counters = try await transaction.query("SELECT revision FROM token.revocation_counter FOR SHARE")
        guard let counter = counters.first else { throw RevocationLogError() }
        let revision: Int64 = try counter.decode(0)
        let added = try await transaction.execute(
          """
          INSERT INTO token.verifier_lease (session, acknowledged, floor, ttl_milliseconds)
          SELECT $1, $2, $2, $3 WHERE (SELECT count(*) FROM (SELECT FROM token.verifier_lease LIMIT $4) l) < $4
          """, .bytea(session.bytes), .int8(revision), .int8(lease.inMilliseconds), .int(limit))
        guard added.affected == 1 else { throw Self.tooManyLeases(limit) }
        // A statement of its own: the first one's snapshot may be older than the change that it waited for.
        return try await position(of: revision, in: transaction)
      }
    } catch let error as PostgresError where error.sqlState == .uniqueViolation {
      throw ServiceError(violating: "session_id", "must be drawn for this call")
    }
  }

  private static func tooManyLeases(_ limit: Int) -> ServiceError {
    ServiceError(
      .rateLimited,
      "\(limit) sessions of auth-verifiers are registered, the most that there may be; those of verifiers that are gone "
        + "end soon.",
      retryAfter: .seconds(5))
  }

  /// Extends a lease, unless its verifier was told to catch up first.
  ///
  /// The longest time that was ever granted is kept: with replicas of different settings, the last one need not be what
  /// the verifier counts with.
  package func renew(_ session: VerifierSessionID, lease: Duration) async throws -> VerifierRegistration.Outcome {
    let rows = try await database.executeAlone(
      """
      WITH renewed AS (
        UPDATE token.verifier_lease SET ttl_milliseconds = GREATEST(ttl_milliseconds, $2)
        WHERE session = $1 AND acknowledged >= floor RETURNING session
      )
      SELECT EXISTS (SELECT FROM renewed), EXISTS (SELECT FROM token.verifier_lease WHERE session = $1)
      """, .bytea(session.bytes), .int8(lease.inMilliseconds), synchronousCommit: .on)
    guard let row = rows.first else { return .ended }
    if try row.decode(0, as: Bool.self) { return .extended(lease) }
    return try row.decode(1, as: Bool.self) ? .behind : .ended
  }

  /// Removes the lease of a verifier that answers no more.
  package func endLease(_ session: VerifierSessionID) async throws {
    try await database.executeAlone(
      "DELETE FROM token.verifier_lease WHERE session = $1", .bytea(session.bytes), synchronousCommit: .on)
  }

  /// Notes how far verifiers have applied the log; never less than before, and nothing of an entry that the log does
  /// not hold.
  package func acknowledge(_ positions: [VerifierSessionID: LogPosition]) async throws {
    let sessions = Array(positions)
    try await database.executeAlone(
      """
      WITH ahead AS (
        SELECT l.session, a.revision
        FROM unnest($1::bytea[], $2::int8[], $3::int8[]) AS a (session, revision, tag)
        JOIN token.revocation r ON r.revision = a.revision AND r.tag = a.tag
        JOIN token.verifier_lease l ON l.session = a.session
        WHERE l.acknowledged < a.revision ORDER BY l.session FOR UPDATE OF l
      )
      UPDATE token.verifier_lease l SET acknowledged = GREATEST(l.acknowledged, ahead.revision) FROM ahead
      WHERE l.session = ahead.session
      """,
      .byteaArray(sessions.map(\.key.bytes)), .int8Array(sessions.map(\.value.revision)),
      .int8Array(sessions.map { Int64(bitPattern: $0.value.tag) }), synchronousCommit: .off)
  }
}

extension Duration {
  /// The length in whole milliseconds, rounded up.
  fileprivate var inMilliseconds: Int64 {
    components.seconds * 1_000 + (components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
  }
}
