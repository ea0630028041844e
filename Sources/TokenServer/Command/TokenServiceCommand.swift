package import ArgumentParser
import Logging
import Postgres
package import ServiceKit
import ServiceLifecycle

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
    subcommands: [MigrateCommand.self, HealthCommand<Self>.self])

  @OptionGroup package var service: ServiceOptions

  @Option(name: .customLong("session-lifetime"), help: TokenServiceSettings.sessionLifetime.help)
  private var sessionLifetime: String?

  package init() {}

  package func run() async throws {
    let settings = Settings()
    let process = try ServiceProcess(
      name: "token-service", options: service, settings: settings, defaultListen: Self.defaultListen,
      requestMemory: ServiceTransport.smallRequestMemory)
    let lifetime = try settings.value(TokenServiceSettings.sessionLifetime, flag: sessionLifetime)
    let peppers = try TokenServiceSettings.peppers(settings)
    let database = try TokenServiceSettings.database(settings, logger: process.logger)
    let store = TokenStore(database: database, peppers: peppers)
    let upkeep = CredentialUpkeep(store: store)
    let health = HealthMonitor(isServing: false, logger: process.logger)
    do {
      try await process.serve(
        [
          AccountHandlers(store: store, hasher: PasswordHasher(), sessionLifetime: lifetime),
          AccessTokenHandlers(store: store),
          CredentialHandlers(store: store, upkeep: upkeep),
        ],
        callers: TokenServiceAccess.callers,
        interceptors: [
          AuthenticationInterceptor(verifier: LocalVerifier(source: store), access: TokenServiceAccess.methods)
        ],
        health: health,
        running: Self.background(store, upkeep, health, process.logger))
    } catch {
      await database.close()
      throw error
    }
    await database.close()
  }

  /// What runs beside the server: writes that can wait, removal of what has expired, and a look at the database.
  private static func background(
    _ store: TokenStore, _ upkeep: CredentialUpkeep, _ health: HealthMonitor, _ logger: Logger
  ) -> [any Service] {
    [
      PeriodicService(interval: .seconds(5), runsAtEnd: true, logger: logger) { try await upkeep.flush() },
      PeriodicService(interval: .seconds(600), logger: logger) { try await store.sweep() },
      PeriodicService(interval: .seconds(1), logger: logger, body: DatabaseProbe(store: store, health: health).look),
    ]
  }
}
