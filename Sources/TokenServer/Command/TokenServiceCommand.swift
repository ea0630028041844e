package import ArgumentParser
import Postgres
import ServiceDatabase
package import ServiceKit
import TokenDomain

/// `token-service`: serves accounts, dashboard sessions and access tokens until it is told to stop.
package struct TokenServiceCommand: ServiceCommand {
  package static let defaultListen = "127.0.0.1:50051"

  package static let configuration = CommandConfiguration(
    commandName: "token-service",
    abstract: "Serves accounts, dashboard sessions and access tokens.",
    discussion: """
      Secrets come from the environment, or from a file that the variable with _FILE appended names:
      TEMPORIS_DATABASE_URL    the database, as the role \(TokenSchema.role)
      TEMPORIS_TOKEN_PEPPERS   version:key pairs, the current one first: 2:<64 hexadecimal digits>,1:<…>
      """,
    subcommands: [MigrateCommand<TokenSchema>.self, HealthCommand<Self>.self])

  private static let sessionLifetime = Setting<Duration>.seconds(
    "session-lifetime", default: 43_200, in: 60...2_592_000,
    help: "How long a dashboard session works, in seconds.")

  @OptionGroup package var service: ServiceOptions
  @Option(name: .customLong(sessionLifetime.key), help: sessionLifetime.help) private var sessionLifetimeText: String?

  package init() {}

  package func run() async throws {
    let settings = Settings()
    let process = try ServiceProcess(
      name: "token-service", options: service, settings: settings, defaultListen: Self.defaultListen,
      requestMemory: ServiceTransport.smallRequestMemory)
    let sessionLifetime = try settings.value(Self.sessionLifetime, flag: sessionLifetimeText)
    let peppers = try Self.peppers(settings)
    var configuration = Database.Configuration()
    configuration.applicationName = "token-service"
    let database = try settings.database(configuration: configuration, logger: process.logger)
    let tokenService = TokenService(database: database, peppers: peppers, sessionLifetime: sessionLifetime)
    let health = HealthMonitor(isServing: false, logger: process.logger)
    do {
      try await process.serve(
        tokenService.handlers, callers: TokenService.callers, authentication: tokenService.authentication,
        health: health,
        running: tokenService.background(logger: process.logger) + [
          HealthCheck(of: health) { try await database.probe() }
        ])
    } catch {
      await database.close()
      throw error
    }
    await database.close()
  }

  /// Reads the peppers of `TEMPORIS_TOKEN_PEPPERS`.
  private static func peppers(_ settings: Settings) throws(SettingError) -> PepperSet {
    guard let peppers = PepperSet(try settings.secret("token-peppers")) else {
      throw SettingError(
        "TEMPORIS_TOKEN_PEPPERS must be version:key pairs, the current one first, separated by commas: a version is a "
          + "whole number from 1 and used once, a key 64 hexadecimal digits, at most \(PepperSet.limit) pairs")
    }
    return peppers
  }
}
