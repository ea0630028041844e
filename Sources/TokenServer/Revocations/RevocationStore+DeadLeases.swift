import Postgres
package import TokenDomain

// What ``LeaseSweep`` does: the steps of a change that waits for verifiers, by pages of leases in the order of their
// keys. A page has a result only when it sees the change's entry, as in ``RevocationBarrier``.
extension RevocationStore {
  /// What the row of each lease looks like, for at most so many of them: any renewal makes it another.
  package func leaseVersions(limit: Int) async throws -> [VerifierSessionID: String] {
    let rows = try await database.query("SELECT session, xmin::text FROM token.verifier_lease LIMIT $1", .int(limit))
    var versions: [VerifierSessionID: String] = [:]
    for row in rows {
      guard let session = VerifierSessionID(bytes: try row.decode(0, as: [UInt8].self)) else { continue }
      versions[session] = try row.decode(1)
    }
    return versions
  }

  /// Keeps the next leases that have not acknowledged a place from being extended before they have.
  ///
  /// - Parameters:
  ///   - last: The last lease of the page before; `nil` at the first.
  ///   - limit: How many leases a page has.
  /// - Returns: The page's last lease, and the longest of them; `nil` when no more lag.
  /// - Throws: ``RevocationNotSeenError`` when the log does not hold the place.
  package func raiseFloor(
    to position: LogPosition, after last: VerifierSessionID?, limit: Int
  ) async throws -> (last: VerifierSessionID, longestLease: Duration)? {
    let rows = try await database.executeAlone(
      """
      WITH \(Self.laggingPage), raised AS (
        UPDATE token.verifier_lease l SET floor = GREATEST(l.floor, $1) FROM page
        WHERE l.session = page.session AND l.acknowledged < $1 RETURNING l.ttl_milliseconds
      )
      SELECT EXISTS (SELECT FROM entry), (SELECT session FROM page ORDER BY session DESC LIMIT 1),
        (SELECT COALESCE(max(ttl_milliseconds), 0) FROM raised)
      """, parameters: Self.page(of: position, after: last, limit: limit), synchronousCommit: .on)
    guard let row = rows.first, try row.decode(0) else { throw RevocationNotSeenError(position) }
    guard let bytes = try row.decode(1, as: [UInt8]?.self), let session = VerifierSessionID(bytes: bytes) else {
      return nil
    }
    return (session, .milliseconds(try row.decode(2, as: Int64.self)))
  }

  /// Removes the next leases that still have not, once they have run out.
  ///
  /// - Returns: The page's last lease, and how many were removed; `nil` when no more lag.
  /// - Throws: ``RevocationNotSeenError`` when the log does not hold the place.
  package func removeLeases(
    behind position: LogPosition, after last: VerifierSessionID?, limit: Int
  ) async throws -> (last: VerifierSessionID, removed: Int)? {
    let rows = try await database.executeAlone(
      """
      WITH \(Self.laggingPage), removed AS (
        DELETE FROM token.verifier_lease l USING page
        WHERE l.session = page.session AND l.acknowledged < $1 RETURNING l.session
      )
      SELECT EXISTS (SELECT FROM entry), (SELECT session FROM page ORDER BY session DESC LIMIT 1),
        (SELECT count(*) FROM removed)
      """, parameters: Self.page(of: position, after: last, limit: limit), synchronousCommit: .on)
    guard let row = rows.first, try row.decode(0) else { throw RevocationNotSeenError(position) }
    guard let bytes = try row.decode(1, as: [UInt8]?.self), let session = VerifierSessionID(bytes: bytes) else {
      return nil
    }
    return (session, try row.decode(2))
  }

  /// A page of the leases that lag, in the order of their keys and locked in it.
  private static let laggingPage = """
    entry AS (
      SELECT revision FROM token.revocation WHERE revision = $1 AND tag = $2
    ), page AS (
      SELECT session FROM token.verifier_lease
      WHERE acknowledged < $1 AND session > $3 AND EXISTS (SELECT FROM entry) ORDER BY session LIMIT $4 FOR UPDATE
    )
    """

  private static func page(of position: LogPosition, after last: VerifierSessionID?, limit: Int) -> [PostgresValue] {
    // No key comes before an empty one.
    [.int8(position.revision), .int8(Int64(bitPattern: position.tag)), .bytea(last?.bytes ?? []), .int(limit)]
  }
}
