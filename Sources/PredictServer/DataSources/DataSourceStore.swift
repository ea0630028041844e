import Postgres
import ServiceKit

/// The data sources of all accounts.
struct DataSourceStore: Sendable {
  /// The number of a source's advisory lock (`$1` account, `$2` name), which ingests share and archiving takes alone.
  ///
  /// PostgreSQL grants it in the order in which it was asked for. A row's lock it grants to everyone who shares it, so
  /// that archiving would never get its turn while ingests follow one another.
  static let ingestLock = "hashtextextended($1 || '/' || $2, 0)"

  let database: Database
  /// The most data sources of an account, over 0, those included that are deleted and have rows left. Calls at the same
  /// time may lead to some more.
  let limit: Int

  /// Creates an empty data source, or finds the one that the same key created before.
  ///
  /// - Throws: `dataSourceExists`; `idempotencyKeyReused` when the key created one by another name; `quotaExceeded`.
  func create(name: String, idempotencyKey: String?, accountID: String) async throws -> DataSource {
    let created = try await database.executeAlone(
      """
      INSERT INTO predict.data_source (account_id, id, name, idempotency_key) SELECT $1, $2, $3, $4
      WHERE (SELECT count(*) FROM predict.data_source WHERE account_id = $1) < $5
      ON CONFLICT DO NOTHING RETURNING \(DataSource.columns)
      """,
      .text(accountID), .text(ResourceID.make("src")), .text(name), .optional(idempotencyKey), .int(limit))
    if let row = created.first { return try DataSource(row) }
    if let idempotencyKey {
      let earlier = try await database.query(
        "SELECT \(DataSource.columns) FROM predict.data_source WHERE account_id = $1 AND idempotency_key = $2",
        .text(accountID), .text(idempotencyKey))
      if let source = try earlier.first.map(DataSource.init) {
        guard source.name == name else { throw ServiceError(.idempotencyKeyReused) }
        return source
      }
    }
    let counted = try await database.query(
      "SELECT count(*) >= $2 AS is_full FROM predict.data_source WHERE account_id = $1", .text(accountID), .int(limit))
    guard try await find(name, accountID: accountID) == nil, try counted.first?.decode("is_full") == true else {
      throw ServiceError(.dataSourceExists)
    }
    throw ServiceError(quota: Int64(limit), of: "data sources")
  }

  /// One more data source than the page holds, where there are as many, by name.
  func list(_ page: PageRequest, accountID: String) async throws -> [DataSource] {
    try await database.query(
      """
      SELECT \(DataSource.columns) FROM predict.data_source WHERE account_id = $1 AND name > $2 ORDER BY name LIMIT $3
      """,
      .text(accountID), .text(page.after ?? ""), .int(page.limit + 1)
    ).map(DataSource.init)
  }

  /// An account's data source by its name.
  ///
  /// - Throws: `dataSourceNotFound`.
  func source(named name: String, accountID: String) async throws -> DataSource {
    guard let source = try await find(name, accountID: accountID) else { throw ServiceError(.dataSourceNotFound) }
    return source
  }

  private func find(_ name: String, accountID: String) async throws -> DataSource? {
    guard ResourceName.isValid(name) else { return nil }
    return try await database.query(
      "SELECT \(DataSource.columns) FROM predict.data_source WHERE account_id = $1 AND name = $2", .text(accountID),
      .text(name)
    ).first.map(DataSource.init)
  }

  /// Stops or resumes ingestion. When this returns, no ingest that began before is still to be stored.
  ///
  /// - Throws: `dataSourceNotFound`.
  func setArchived(_ isArchived: Bool, name: String, accountID: String) async throws -> DataSource {
    guard ResourceName.isValid(name) else { throw ServiceError(.dataSourceNotFound) }
    let changed = try await database.executeAlone(
      """
      WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(\(Self.ingestLock)))
      UPDATE predict.data_source SET archived = $3 FROM turn
      WHERE account_id = $1 AND name = $2 AND NOT deleting
      RETURNING \(DataSource.columns)
      """,
      .text(accountID), .text(name), .bool(isArchived))
    guard let row = changed.first else { throw ServiceError(.dataSourceNotFound) }
    return try DataSource(row)
  }
}

/// A data source that nobody finds any more, with rows that are still to be removed.
struct DeletedSource: Sendable, Hashable {
  let id: String
  let accountID: String
}

// A source that is deleted has no name any more. Its rows, of which there may be many, are removed later: see
// `SourceRemoval`.
extension DataSourceStore {
  /// The most deleted sources that are looked at together.
  private static let removalLimit = 100

  /// Deletes a data source. When this returns, no ingest that began before is still to be stored.
  ///
  /// - Parameter deletesProfiles: Whether the data profiles that read it are deleted, too.
  /// - Throws: `dataSourceNotFound`; `dataSourceInUse`, and then nothing is changed.
  func delete(name: String, deletesProfiles: Bool, accountID: String) async throws {
    guard ResourceName.isValid(name) else { throw ServiceError(.dataSourceNotFound) }
    try await database.transaction { transaction in
      // This waits for the ingests that run.
      let deleted = try await transaction.query(
        """
        WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(\(Self.ingestLock)))
        UPDATE predict.data_source SET archived = true, deleting = true, name = NULL, idempotency_key = NULL FROM turn
        WHERE account_id = $1 AND name = $2 RETURNING id
        """,
        .text(accountID), .text(name))
      guard let id: String = try deleted.first?.decode("id") else { throw ServiceError(.dataSourceNotFound) }
      if deletesProfiles {
        try await transaction.execute(
          "DELETE FROM predict.data_profile WHERE account_id = $1 AND source_id = $2", .text(accountID), .text(id))
      } else {
        let readers = try await transaction.query(
          "SELECT 1 FROM predict.data_profile WHERE account_id = $1 AND source_id = $2 LIMIT 1", .text(accountID),
          .text(id))
        guard readers.isEmpty else { throw ServiceError(.dataSourceInUse) }
      }
    }
  }

  /// Deleted sources that are not removed yet, some at a time: of each account the oldest before the second oldest.
  ///
  /// - Parameter ids: Of those that are left out.
  func deletedSources(except ids: [String]) async throws -> [DeletedSource] {
    try await database.query(
      """
      SELECT id, account_id FROM (
        SELECT id, account_id, create_time,
          row_number() OVER (PARTITION BY account_id ORDER BY create_time, id) AS place
        FROM predict.data_source WHERE deleting AND id <> ALL ($1::text[])
      ) AS deleted ORDER BY place, create_time LIMIT \(Self.removalLimit)
      """, .textArray(ids)
    ).map { DeletedSource(id: try $0.decode("id"), accountID: try $0.decode("account_id")) }
  }

  /// Removes a deleted source that has no rows any more, and not many counts.
  func remove(_ source: DeletedSource) async throws {
    try await database.transaction { transaction in
      // In this order: a change that is being added to its count is waited for.
      for table in ["series_change", "series_count", "source_change_count"] {
        try await transaction.execute(
          "DELETE FROM predict.\(table) WHERE account_id = $1 AND source_id = $2", .text(source.accountID),
          .text(source.id))
      }
      try await transaction.execute(
        "DELETE FROM predict.data_source WHERE account_id = $1 AND id = $2 AND deleting", .text(source.accountID),
        .text(source.id))
    }
  }

  /// Removes some of the counts of a deleted source that has no rows any more.
  ///
  /// - Returns: How many.
  func removeSomeCounts(of source: DeletedSource) async throws -> Int {
    try await database.executeAlone(
      """
      DELETE FROM predict.series_count WHERE account_id = $1 AND source_id = $2 AND name IN (
        SELECT name FROM predict.series_count WHERE account_id = $1 AND source_id = $2 LIMIT 10000
        FOR UPDATE SKIP LOCKED)
      """,
      .text(source.accountID), .text(source.id)
    ).affected
  }
}
