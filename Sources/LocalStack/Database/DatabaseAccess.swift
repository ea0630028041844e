import Logging
import Postgres

/// Creates the services' roles on a PostgreSQL of the user's. What they may do is granted by the services' migrations.
struct DatabaseAccess: Sendable {
  /// The database, as its owner.
  let ownerURL: DatabaseURL
  /// Where the connection's troubles are logged.
  let logger: Logger

  /// Creates the services' roles on a PostgreSQL of the user's, with their passwords.
  ///
  /// Roles belong to the whole server. One that signs in with another password serves another data folder's stack, and
  /// keeps it.
  func createRoles(passwords: [DatabaseRole: String]) async throws {
    try await withDatabase { database in
      for (role, password) in passwords.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        let known = try await database.query(
          "SELECT rolcanlogin FROM pg_catalog.pg_roles WHERE rolname = $1", .text(role.rawValue))
        if try known.first?.decode(0, as: Bool.self) == true {
          try await checkSignIn(role, password)
          continue
        }
        // The server may log the statement: it holds what checks the password, and not the password.
        let verifier = try SQLLiteral.quote(ScramVerifier.make(password: password))
        let verb = known.isEmpty ? "CREATE" : "ALTER"
        try await database.transaction { transaction in
          try await transaction.script("\(verb) ROLE \(role.rawValue) LOGIN PASSWORD \(verifier)")
        }
      }
    }
  }

  private func checkSignIn(_ role: DatabaseRole, _ password: String) async throws {
    var configuration = Database.Configuration()
    configuration.queueTimeout = .seconds(5)
    let database = try Database(
      url: ownerURL.with(role: role.rawValue, password: password).text, configuration: configuration, logger: logger)
    let answer: Result<PostgresRows, any Error>
    do { answer = .success(try await database.query("SELECT 1")) } catch { answer = .failure(error) }
    await database.close()
    do {
      _ = try answer.get()
    } catch let error as PostgresError where error.message.contains("authentication failed") {
      throw LocalStackError(
        .startFailed,
        "The database server's role \(role.rawValue) has another data folder's password: use that folder, or another "
          + "server, or hand the role over with ALTER ROLE \(role.rawValue) NOLOGIN")
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
