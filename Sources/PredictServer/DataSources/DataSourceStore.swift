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

  /// Creates an empty data source, or finds the one that the same key created before.
  ///
  /// - Throws: `dataSourceExists`; `idempotencyKeyReused` when the key created one by another name.
  func create(name: String, idempotencyKey: String?, accountID: String) async throws -> DataSource {
    let created = try await database.executeAlone(
      """
      INSERT INTO predict.data_source (account_id, id, name, idempotency_key) VALUES ($1, $2, $3, $4)
      ON CONFLICT DO NOTHING RETURNING \(DataSource.columns)
      """,
      .text(accountID), .text(ResourceID.make("src")), .text(name), .optional(idempotencyKey))
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
    throw ServiceError(.dataSourceExists)
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
    guard ResourceName.isValid(name) else { throw ServiceError(.dataSourceNotFound) }
    let found = try await database.query(
      "SELECT \(DataSource.columns) FROM predict.data_source WHERE account_id = $1 AND name = $2", .text(accountID),
      .text(name))
    guard let row = found.first else { throw ServiceError(.dataSourceNotFound) }
    return try DataSource(row)
  }

  /// Stops or resumes ingestion. When this returns, no ingest that began before is still to be stored.
  ///
  /// - Throws: `dataSourceNotFound`; `dataSourceArchived` when it can't be resumed, as a deletion of the source has
  ///   begun.
  func setArchived(_ isArchived: Bool, name: String, accountID: String) async throws -> DataSource {
    guard ResourceName.isValid(name) else { throw ServiceError(.dataSourceNotFound) }
    let changed = try await database.executeAlone(
      """
      WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(\(Self.ingestLock)))
      UPDATE predict.data_source SET archived = $3 FROM turn
      WHERE account_id = $1 AND name = $2 AND ($3 OR NOT deleting)
      RETURNING \(DataSource.columns)
      """,
      .text(accountID), .text(name), .bool(isArchived))
    if let row = changed.first { return try DataSource(row) }
    _ = try await source(named: name, accountID: accountID)
    throw ServiceError(
      .dataSourceArchived, "The deletion of this data source has begun: delete it again to finish that.")
  }
}

// Deletion in three steps: nothing is ingested any more, the rows go, the source goes. What fails in between is begun
// anew.
extension DataSourceStore {
  /// Archives a data source for good. When this returns, no ingest that began before is still to be stored.
  ///
  /// - Parameter deletesProfiles: Whether the data profiles that read it are deleted, too.
  /// - Returns: The source's id.
  /// - Throws: `dataSourceNotFound`; `dataSourceInUse`, and then nothing is changed.
  func beginDeletion(name: String, deletesProfiles: Bool, accountID: String) async throws -> String {
    guard ResourceName.isValid(name) else { throw ServiceError(.dataSourceNotFound) }
    return try await database.transaction { transaction in
      // This waits for the ingests that run.
      let archived = try await transaction.query(
        """
        WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(\(Self.ingestLock)))
        UPDATE predict.data_source SET archived = true, deleting = true FROM turn
        WHERE account_id = $1 AND name = $2 RETURNING id
        """,
        .text(accountID), .text(name))
      guard let id: String = try archived.first?.decode("id") else { throw ServiceError(.dataSourceNotFound) }
      try await removeProfiles(of: id, deletesProfiles, accountID, transaction)
      return id
    }
  }

  /// Deletes a data source that has no rows any more.
  ///
  /// - Throws: `dataSourceInUse` when a data profile that reads it was made meanwhile.
  func finishDeletion(id: String, deletesProfiles: Bool, accountID: String) async throws {
    do {
      try await database.transaction { transaction in
        try await removeProfiles(of: id, deletesProfiles, accountID, transaction)
        // In this order: a change that is being added to its count is waited for.
        for table in ["series_change", "series_count", "source_change_count"] {
          try await transaction.execute(
            "DELETE FROM predict.\(table) WHERE account_id = $1 AND source_id = $2", .text(accountID), .text(id))
        }
        try await transaction.execute(
          "DELETE FROM predict.data_source WHERE account_id = $1 AND id = $2", .text(accountID), .text(id))
      }
    } catch let error as PostgresError where error.sqlState == .foreignKeyViolation {
      throw ServiceError(.dataSourceInUse, cause: error)
    }
  }

  private func removeProfiles(
    of id: String, _ isWanted: Bool, _ accountID: String, _ transaction: Transaction
  ) async throws {
    if isWanted {
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
