import Logging
import Postgres

/// Creates the services' roles on a PostgreSQL of the user's. What they may do is granted by the services' migrations.
struct DatabaseAccess: Sendable {
  /// The database, as its owner.
  let ownerURL: DatabaseURL
  /// Where the connection's troubles are logged.
  let logger: Logger

  /// Creates the services' roles on a PostgreSQL of the user's, or sets their passwords.
  func createRoles(passwords: [DatabaseRole: String]) async throws {
    try await withDatabase { database in
      for (role, password) in passwords.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        let known = try await database.query(
          "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1", .text(role.rawValue))
        let secret = try SQLLiteral.quote(password)
        let verb = known.isEmpty ? "CREATE" : "ALTER"
        try await database.transaction { transaction in
          try await transaction.script("\(verb) ROLE \(role.rawValue) LOGIN PASSWORD \(secret)")
        }
      }
    }
  }

  private func withDatabase(_ body: (Database) async throws -> Void) async throws {
    do {
      let database = try Database(url: ownerURL.text, logger: logger)
      do {
        try await body(database)
      } catch {
        await database.close()
        throw error
      }
      await database.close()
    } catch let error as PostgresError {
      throw LocalStackError(.startFailed, "The database could not be set up: \(error.message)")
    }
  }
}
