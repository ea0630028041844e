import ArgumentParser
import Logging
import Postgres
import ServiceKit

/// `token-service migrate`: brings the schema up to date, as the database's owner.
struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Brings the schema \(TokenSchema.name) up to date.",
    discussion: """
      TEMPORIS_DATABASE_URL (or TEMPORIS_DATABASE_URL_FILE) names the database and a role that may create the schema. \
      The service's own role, \(TokenSchema.role), is created without a log-in when it is missing, and is granted what \
      the service needs.
      """)

  func run() async throws {
    var logger = Logger(label: "token-service", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .warning
    let database = try TokenServiceSettings.database(Settings(), logger: logger)
    do {
      let applied = try await TokenSchema.migrate(database)
      await database.close()
      for migration in applied { print("Applied \(TokenSchema.name) \(migration.version): \(migration.name)") }
      if applied.isEmpty { print("Schema \(TokenSchema.name) is up to date") }
    } catch {
      await database.close()
      throw error
    }
  }
}
