import ArgumentParser
import Logging
import Postgres
import ServiceKit

/// `predict-service migrate`: applies what is new of the schema and ends.
struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Brings the schema \(PredictSchema.name) up to date.",
    discussion: """
      Takes the database from TEMPORIS_DATABASE_URL (or TEMPORIS_DATABASE_URL_FILE, the path of a file that holds it). The \
      role must own the schema, or be allowed to create it.
      """)

  func run() async throws {
    let database = try Database(
      url: try Settings().secret("database-url"), logger: Logger(label: "predict-service"))
    do {
      let applied = try await PredictSchema.migrate(database)
      await database.close()
      print(applied.isEmpty ? "The schema is up to date." : "Applied: \(applied.joined(separator: ", ")).")
    } catch {
      await database.close()
      throw error
    }
  }
}
