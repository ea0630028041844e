package import ArgumentParser
import Postgres
import ServiceDatabase
package import ServiceKit
import TokenDomain

/// `token-service`: serves accounts, dashboard sessions and access tokens until it is told to stop.
package struct TokenServiceCommand: ServiceCommand {
  package static let workload = Workload.tokenService
  package static let defaultListen = "127.0.0.1:50051"

  package static let configuration = CommandConfiguration(
    commandName: workload.rawValue,
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

  private static let lease = Setting<Duration>.seconds(
    "lease", default: 2, in: 0.5...5,
    help: "How long an auth-verifier may answer without being heard, in seconds: the longest that a deletion waits.")

  /// Leases are renewed beside the transactions, and must not wait for slow ones.
  private static let exclusiveConnections = 8

  @OptionGroup package var service: ServiceOptions
  @Option(name: .customLong(sessionLifetime.key), help: sessionLifetime.help) private var sessionLifetimeText: String?
  @Option(name: .customLong(lease.key), help: lease.help) private var leaseText: String?

  package init() {}

  package func run() async throws {
    let settings = Settings()
    let process = try ServiceProcess(
      workload: Self.workload, options: service, settings: settings, defaultListen: Self.defaultListen,
      requestMemory: ServiceTransport.smallRequestMemory)
    let sessionLifetime = try settings.value(Self.sessionLifetime, flag: sessionLifetimeText)
    let lease = try settings.value(Self.lease, flag: leaseText)
    let peppers = try Self.peppers(settings)
    var configuration = Database.Configuration()
    configuration.applicationName = Self.workload.rawValue
    configuration.exclusiveConnections = Self.exclusiveConnections
    let database = try settings.database(configuration: configuration, logger: process.logger)
    let tokenService = TokenService(
      database: database, peppers: peppers, sessionLifetime: sessionLifetime, lease: lease, logger: process.logger)
    let health = HealthMonitor(isServing: false, logger: process.logger)
    let pepperCheck = PepperCheck(of: tokenService.store)
    do {
      try await pepperCheck.begin()
      try await process.serve(
        tokenService.handlers, callers: TokenService.callers, authentication: tokenService.authentication,
        fastPaths: [tokenService.credentials.fastPath], health: health,
        running: tokenService.background(logger: process.logger) + [
          pepperCheck,
          HealthCheck(of: health) {
            try await database.probe()
            try pepperCheck.requireDone()
          },
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
          + "whole number from 1 and used once, a key 64 hexadecimal digits that are not all 0, at most "
          + "\(PepperSet.limit) pairs")
    }
    return peppers
  }
}
