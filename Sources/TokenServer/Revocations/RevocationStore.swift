package import Postgres
package import TokenDomain

/// The revocation log and the verifiers' leases in PostgreSQL.
///
/// Every statement here is one step of a protocol that was checked as a whole: what is in one statement is there
/// because it must not come apart, and so is the order of statements in a transaction. All commits are synchronous, but
/// for acknowledgements: one that a crash loses was true all the same.
package struct RevocationStore: Sendable {
  /// The channel on which a commit that extends the log is notified.
  package static let channel = "token_revocation"
  /// How many of the log's entries are kept for streams that resume; the last one always is.
  package static let keptEntries = 100_000

  let database: Database

  /// The log's end, for a transaction that found nothing to do: all that it has seen is before it.
  ///
  /// To be the last that the transaction does. It writes something, so that its commit waits for the standby: what it
  /// saw may be there on the primary alone, and no failover may undo what is answered.
  package func end(in transaction: Transaction) async throws -> LogPosition {
    let counters = try await transaction.query(
      "UPDATE token.revocation_counter SET revision = revision RETURNING revision")
    guard let counter = counters.first else { throw RevocationLogError() }
    return try await position(of: try counter.decode(0), in: transaction)
  }

  /// The place of an entry.
  func position(of revision: Int64, in transaction: Transaction) async throws -> LogPosition {
    let entries = try await transaction.query(
      "SELECT tag FROM token.revocation WHERE revision = $1", .int8(revision))
    guard let entry = entries.first else { throw RevocationLogError() }
    return LogPosition(revision: revision, tag: UInt64(bitPattern: try entry.decode(0, as: Int64.self)))
  }

  /// Adds an entry for each subject.
  ///
  /// To be the last that a transaction does: the counter's row stays locked until the commit, and every change in every
  /// replica waits for it.
  ///
  /// - Parameter subjects: At least one.
  /// - Returns: The last entry's place.
  package func append(_ subjects: [Revocation.Subject], in transaction: Transaction) async throws -> LogPosition {
    let tags = subjects.map { _ in UInt64.random(in: .min ... .max) }
    let rows = try await transaction.query(
      """
      WITH counter AS (
        UPDATE token.revocation_counter SET revision = revision + cardinality($1::int8[]) RETURNING revision
      ), entry AS (
        INSERT INTO token.revocation (revision, tag, kind, subject)
        SELECT counter.revision - cardinality($1::int8[]) + s.number, s.tag, s.kind, s.subject
        FROM counter, unnest($1::int8[], $2::text[], $3::text[]) WITH ORDINALITY AS s (tag, kind, subject, number)
      )
      SELECT revision, pg_notify('\(Self.channel)', '') FROM counter
      """,
      .int8Array(tags.map { Int64(bitPattern: $0) }), .textArray(subjects.map(\.storedKind)),
      .textArray(subjects.map(\.storedID)))
    guard let row = rows.first, let tag = tags.last else { throw RevocationLogError() }
    return LogPosition(revision: try row.decode(0), tag: tag)
  }

  /// The log from an entry on, that one included if it is still there.
  package func entries(from revision: Int64, limit: Int) async throws -> [Revocation] {
    try await database.query(
      "SELECT revision, tag, kind, subject FROM token.revocation WHERE revision >= $1 ORDER BY revision LIMIT $2",
      .int8(revision), .int(limit)
    ).map(Revocation.init)
  }

  /// The log from an entry on, for a session that is registered; nothing for any other, in the same snapshot.
  package func entries(
    from revision: Int64, for session: VerifierSessionID, limit: Int
  ) async throws -> [Revocation] {
    try await database.query(
      """
      SELECT revision, tag, kind, subject FROM token.revocation
      WHERE revision >= $1 AND EXISTS (SELECT FROM token.verifier_lease WHERE session = $3) ORDER BY revision LIMIT $2
      """, .int8(revision), .int(limit), .bytea(session.bytes)
    ).map(Revocation.init)
  }

  /// Removes all entries but the newest, at most `limit` at a time.
  package func prune(keeping kept: Int = keptEntries, limit: Int = 10_000) async throws {
    var removed = limit
    while removed == limit {
      removed = try await database.executeAlone(
        """
        DELETE FROM token.revocation WHERE revision IN (
          SELECT revision FROM token.revocation
          WHERE revision <= (SELECT max(revision) FROM token.revocation) - $1 ORDER BY revision LIMIT $2)
        """, .int(max(kept, 1)), .int(limit), synchronousCommit: .on
      ).affected
    }
  }
}

/// The log lacks its counter or its last entry, which every migrated database has.
struct RevocationLogError: Error, CustomStringConvertible {
  let description = "the revocation log has no end: restore the rows of token.revocation_counter and token.revocation"
}

extension Revocation {
  fileprivate init(_ row: PostgresRow) throws {
    self.init(
      at: LogPosition(revision: try row.decode(0), tag: UInt64(bitPattern: try row.decode(1, as: Int64.self))),
      of: Subject(storedKind: try row.decode(2), id: try row.decode(3)))
  }
}

extension Revocation.Subject {
  fileprivate var storedKind: String {
    switch self {
    case .credential: "credential"
    case .account: "account"
    case .everything: "everything"
    case .nothing: "nothing"
    }
  }

  fileprivate var storedID: String {
    switch self {
    case .credential(let id), .account(let id): id
    case .everything, .nothing: ""
    }
  }

  /// Reads a subject of the database. A kind that this version doesn't know may be about anything.
  fileprivate init(storedKind: String, id: String) {
    self =
      switch storedKind {
      case "credential": .credential(id)
      case "account": .account(id)
      case "nothing": .nothing
      default: .everything
      }
  }
}
