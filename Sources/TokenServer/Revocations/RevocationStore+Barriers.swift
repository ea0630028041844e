import Postgres
package import TokenDomain

// What a change does once it has committed; see ``RevocationBarrier``. A statement has a result only when it sees the
// change's entry: a connection may lead to a primary that was replaced, where later leases are not, and where a
// statement that finds no row to write waits for no standby. Leases are locked in the order of their keys, or two
// replicas could wait for each other.
extension RevocationStore {
  /// Reads how far each lease has acknowledged the log.
  ///
  /// - Returns: The places among `positions` that the log holds in the same snapshot, and a revision for each lease.
  package func acknowledgements(
    at positions: [LogPosition]
  ) async throws -> (seen: Set<LogPosition>, acknowledged: [Int64]) {
    let rows = try await database.query(
      """
      SELECT
        ARRAY(
          SELECT p.number FROM unnest($1::int8[], $2::int8[]) WITH ORDINALITY AS p (revision, tag, number)
          JOIN token.revocation r ON r.revision = p.revision AND r.tag = p.tag),
        ARRAY(SELECT acknowledged FROM token.verifier_lease)
      """, .int8Array(positions.map(\.revision)), .int8Array(positions.map { Int64(bitPattern: $0.tag) }))
    guard let row = rows.first else { return ([], []) }
    return (Set(try row.decode(0, as: [Int64].self).map { positions[Int($0) - 1] }), try row.decode(1))
  }

  /// Keeps the leases that have not acknowledged a place from being extended before they have.
  ///
  /// - Returns: The longest of these leases; `nil` when there is none.
  /// - Throws: ``RevocationNotSeenError`` when the log does not hold the place.
  package func raiseFloor(to position: LogPosition) async throws -> Duration? {
    let rows = try await database.executeAlone(
      """
      WITH entry AS (
        SELECT revision FROM token.revocation WHERE revision = $1 AND tag = $2
      ), lagging AS (
        SELECT session FROM token.verifier_lease
        WHERE acknowledged < $1 AND EXISTS (SELECT FROM entry) ORDER BY session FOR UPDATE
      ), raised AS (
        UPDATE token.verifier_lease l SET floor = GREATEST(l.floor, $1) FROM lagging
        WHERE l.session = lagging.session AND l.acknowledged < $1 RETURNING l.ttl_milliseconds
      )
      SELECT EXISTS (SELECT FROM entry), (SELECT max(ttl_milliseconds) FROM raised)
      """, .int8(position.revision), .int8(Int64(bitPattern: position.tag)), synchronousCommit: .on)
    guard let row = rows.first, try row.decode(0) else { throw RevocationNotSeenError(position) }
    return try row.decode(1, as: Int64?.self).map { .milliseconds($0) }
  }

  /// Removes the leases that still have not, once they have run out.
  ///
  /// - Returns: How many there were.
  /// - Throws: ``RevocationNotSeenError`` when the log does not hold the place.
  package func removeLeases(behind position: LogPosition) async throws -> Int {
    let rows = try await database.executeAlone(
      """
      WITH entry AS (
        SELECT revision FROM token.revocation WHERE revision = $1 AND tag = $2
      ), lagging AS (
        SELECT session FROM token.verifier_lease
        WHERE acknowledged < $1 AND EXISTS (SELECT FROM entry) ORDER BY session FOR UPDATE
      ), removed AS (
        DELETE FROM token.verifier_lease l USING lagging
        WHERE l.session = lagging.session AND l.acknowledged < $1 RETURNING l.session
      )
      SELECT EXISTS (SELECT FROM entry), (SELECT count(*) FROM removed)
      """, .int8(position.revision), .int8(Int64(bitPattern: position.tag)), synchronousCommit: .on)
    guard let row = rows.first, try row.decode(0) else { throw RevocationNotSeenError(position) }
    return try row.decode(1)
  }
}

/// The log does not hold a change that has committed: it was read on a server that was replaced, or a failover lost it.
package struct RevocationNotSeenError: Error, Hashable, CustomStringConvertible {
  /// The change's revision.
  package let revision: Int64

  init(_ position: LogPosition) {
    revision = position.revision
  }

  package var description: String {
    "revision \(revision) is not in the log: the database is a primary that was replaced, or a failover lost a commit"
  }
}
