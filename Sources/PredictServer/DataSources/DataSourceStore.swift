import Postgres
import ServiceKit

/// The data sources of all accounts.
struct DataSourceStore: Sendable {
  private static let columns = "id, name, archived, create_time"
  let database: Database

  /// Creates an empty data source, or finds the one that the same key created before.
  ///
  /// - Throws: `dataSourceExists`; `idempotencyKeyReused` when the key created one by another name.
  func create(name: String, idempotencyKey: String?, accountID: String) async throws -> DataSource {
    let created = try await database.query(
      """
      INSERT INTO predict.data_source (account_id, id, name, idempotency_key) VALUES ($1, $2, $3, $4)
      ON CONFLICT DO NOTHING RETURNING \(Self.columns)
      """,
      .text(accountID), .text(ResourceID.make("src")), .text(name), .optional(idempotencyKey), on: .exclusive)
    if let row = created.first { return try DataSource(row) }
    if let idempotencyKey {
      let earlier = try await database.query(
        "SELECT \(Self.columns) FROM predict.data_source WHERE account_id = $1 AND idempotency_key = $2",
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
      SELECT \(Self.columns) FROM predict.data_source WHERE account_id = $1 AND name > $2 ORDER BY name LIMIT $3
      """,
      .text(accountID), .text(page.after ?? ""), .int(page.limit + 1)
    ).map(DataSource.init)
  }

  /// Stops or resumes ingestion. When this returns, no ingest that began before is still to be stored.
  ///
  /// - Throws: `dataSourceNotFound`.
  func setArchived(_ isArchived: Bool, name: String, accountID: String) async throws -> DataSource {
    guard ResourceName.isValid(name) else { throw ServiceError(.dataSourceNotFound) }
    let changed = try await database.query(
      "UPDATE predict.data_source SET archived = $3 WHERE account_id = $1 AND name = $2 RETURNING \(Self.columns)",
      .text(accountID), .text(name), .bool(isArchived), on: .exclusive)
    guard let row = changed.first else { throw ServiceError(.dataSourceNotFound) }
    return try DataSource(row)
  }

  /// An account's data source by that name.
  func find(name: String, accountID: String) async throws -> DataSource? {
    guard ResourceName.isValid(name) else { return nil }
    return try await database.query(
      "SELECT \(Self.columns) FROM predict.data_source WHERE account_id = $1 AND name = $2", .text(accountID),
      .text(name)
    ).first.map(DataSource.init)
  }
}
