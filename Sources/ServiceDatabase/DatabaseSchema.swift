package import ArgumentParser
package import Logging
package import Postgres
package import ServiceKit

/// A service's schema and the role that the service runs as.
package protocol DatabaseSchema {
  /// The schema's name.
  static var name: String { get }
  /// The role that the service connects as. It may do what the service does and nothing else.
  static var role: String { get }
  /// Everything that was ever applied, oldest first. A text is never changed once it is released.
  static var migrations: [Migration] { get }
}

extension DatabaseSchema {
  /// Brings the schema up to date.
  ///
  /// - Parameter database: Connected as the owner of the schema.
  /// - Returns: The migrations that were applied now, oldest first.
  /// - Throws: `PostgresError`.
  package static func migrate(_ database: Database) async throws -> [Migration] {
    try await Migrator(schema: name, migrations: migrations).apply(to: database)
  }
}

/// `SERVICE migrate`: brings the service's schema up to date, as the database's owner.
package struct MigrateCommand<Schema: DatabaseSchema>: AsyncParsableCommand {
  package static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "migrate",
      abstract: "Brings the schema \(Schema.name) up to date.",
      discussion: """
        TEMPORIS_DATABASE_URL (or TEMPORIS_DATABASE_URL_FILE, the path of a file that holds it) names the database and \
        a role that owns the schema or may create it. The service's own role, \(Schema.role), is created without a \
        log-in when it is missing, and is granted what the service needs.
        """)
  }

  package init() {}

  package func run() async throws {
    var logger = Logger(label: "\(Schema.name) migrate", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .warning
    let database = try Settings().database(logger: logger)
    do {
      let applied = try await Schema.migrate(database)
      await database.close()
      for migration in applied { print("Applied \(Schema.name) \(migration.version): \(migration.name)") }
      if applied.isEmpty { print("Schema \(Schema.name) is up to date") }
    } catch {
      await database.close()
      throw error
    }
  }
}

extension Settings {
  /// Opens the database that `TEMPORIS_DATABASE_URL` names.
  ///
  /// - Throws: ``SettingError`` when the URL is missing or can't be used. The URL may hold a password and is in no
  ///   error.
  package func database(
    configuration: Database.Configuration = Database.Configuration(), logger: Logger
  ) throws -> Database {
    let url = try secret("database-url")
    do {
      return try Database(url: url, configuration: configuration, logger: logger)
    } catch let error as PostgresError where error.code == .configuration {
      throw SettingError("TEMPORIS_DATABASE_URL cannot be used: \(error.message)")
    }
  }
}
