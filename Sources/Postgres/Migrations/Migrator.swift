/// Brings a schema up to date, each migration once, also when several migrators run at the same time.
package struct Migrator: Sendable {
  private let schema: String
  private let migrations: [Migration]

  package init(schema: String, migrations: [Migration]) {
    self.schema = schema
    self.migrations = migrations
  }

  /// Creates the schema if it is missing and applies the new migrations in order, in one transaction: all or none.
  ///
  /// While they run, `search_path` is the schema alone and there is no statement timeout.
  /// - Returns: The migrations that were applied.
  /// - Throws: ``PostgresError/Code/migration`` when an applied one was changed or the database knows one that the code
  ///   does not, and the server's error when one fails.
  package func apply(to database: Database) async throws -> [Migration] {
    let ordered = try validated()
    let quoted = try SQLIdentifier.quote(schema)
    // Services of the release before may be at work, and lock the same tables in another order.
    return try await database.transaction(retrying: 3) { transaction in
      // A script, so that a server that is silent meanwhile is not taken for dead.
      try await transaction.script("SET LOCAL statement_timeout = 0")
      _ = try await transaction.query("SELECT pg_advisory_xact_lock($1)", .int8(lockKey))
      try await prepare(quoted, transaction)
      let applied = try await applied(quoted, transaction)
      let pending = try pending(ordered, applied)
      if pending.isEmpty { return [] }
      _ = try await transaction.execute("SELECT pg_catalog.set_config('search_path', $1, true)", .text(quoted))
      for migration in pending {
        do {
          try await transaction.script(migration.sql)
        } catch var error as PostgresError {
          error.message = "migration \(migration.version) \"\(migration.name)\" of schema \(schema): " + error.message
          throw error
        }
        _ = try await transaction.execute(
          "INSERT INTO \(quoted).schema_migration (version, name, checksum) VALUES ($1, $2, $3)",
          .int(migration.version), .text(migration.name), .int8(migration.checksum))
      }
      return pending
    }
  }

  /// A hash of more than the name, as the advisory locks of all programs share one number space.
  private var lockKey: Int64 {
    Int64(bitPattern: FNV1a.hash("schema_migration \(schema)".utf8))
  }

  private func validated() throws -> [Migration] {
    let ordered = migrations.sorted { $0.version < $1.version }
    for (index, migration) in ordered.enumerated() {
      guard migration.version > 0, index == 0 || ordered[index - 1].version < migration.version else {
        throw PostgresError(
          .migration, "schema \(schema): version \(migration.version) is not positive or occurs twice")
      }
    }
    return ordered
  }

  /// Creates the schema and the history only if they are missing: a role that just uses them may not create them.
  private func prepare(_ quoted: String, _ transaction: Transaction) async throws {
    let known = try await transaction.query(
      "SELECT to_regnamespace($1) IS NOT NULL, to_regclass($1 || '.schema_migration') IS NOT NULL", .text(quoted))
    guard let row = known.first else { return }
    if try !row.decode(0, as: Bool.self) {
      _ = try await transaction.execute("CREATE SCHEMA \(quoted)")
    }
    if try !row.decode(1, as: Bool.self) {
      _ = try await transaction.execute(
        """
        CREATE TABLE \(quoted).schema_migration (
          version bigint PRIMARY KEY,
          name text NOT NULL,
          checksum bigint NOT NULL,
          applied_at timestamptz NOT NULL DEFAULT now()
        )
        """)
    }
  }

  private func applied(_ quoted: String, _ transaction: Transaction) async throws -> [Int: Int64] {
    let rows = try await transaction.query("SELECT version, checksum FROM \(quoted).schema_migration")
    var checksums: [Int: Int64] = [:]
    for row in rows { checksums[try row.decode(0)] = try row.decode(1, as: Int64.self) }
    return checksums
  }

  private func pending(_ ordered: [Migration], _ applied: [Int: Int64]) throws -> [Migration] {
    let known = Set(ordered.map(\.version))
    if let foreign = applied.keys.filter({ !known.contains($0) }).max() {
      throw PostgresError(
        .migration, "schema \(schema): the database has version \(foreign), which this program does not know: update it"
      )
    }
    for migration in ordered {
      if let checksum = applied[migration.version], checksum != migration.checksum {
        throw PostgresError(
          .migration,
          "schema \(schema): migration \(migration.version) \"\(migration.name)\" was changed after it was applied: "
            + "restore its text and add a new one")
      }
    }
    let newest = applied.keys.max() ?? 0
    let pending = ordered.filter { applied[$0.version] == nil }
    if let late = pending.first, late.version < newest {
      throw PostgresError(
        .migration, "schema \(schema): migration \(late.version) is older than version \(newest), which is applied")
    }
    return pending
  }
}
