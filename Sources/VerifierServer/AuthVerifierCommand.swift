package import ArgumentParser
package import ServiceKit
import TemporisAPI
import TokenDomain

/// `auth-verifier`: tells whether an `Authorization` header is good, and for whom it acts. It has no database.
package struct AuthVerifierCommand: ServiceCommand {
  package static let workload = Workload.authVerifier
  package static let defaultListen = "127.0.0.1:50052"

  package static let configuration = CommandConfiguration(
    commandName: workload.rawValue,
    abstract: "Verifies Authorization headers against the token service.",
    subcommands: [HealthCommand<Self>.self])

  private static let tokenServiceSetting = Setting.replicas(of: .tokenService)
  private static let lookupTimeoutSetting = Setting.seconds(
    "lookup-timeout", default: 1.5, in: 0.01...60,
    help: "The longest wait for the token service, in seconds: shorter than callers wait, so that they hear the reason."
  )

  @OptionGroup package var service: ServiceOptions

  @Option(name: .customLong("token-service"), help: Self.tokenServiceSetting.help)
  private var tokenService: String?

  @Option(name: .customLong("lookup-timeout"), help: Self.lookupTimeoutSetting.help)
  private var lookupTimeout: String?

  @Option(name: .customLong(VerifiedCredentials.capacitySetting.key), help: VerifiedCredentials.capacitySetting.help)
  private var cachedCredentials: String?

  @Option(name: .customLong(FailedAttempts.setting.key), help: FailedAttempts.setting.help)
  private var failedAttempts: String?

  package init() {}

  package func run() async throws {
    let settings = Settings()
    let process = try ServiceProcess(
      workload: Self.workload, options: service, settings: settings, defaultListen: Self.defaultListen,
      requestMemory: ServiceTransport.smallRequestMemory)
    let endpoints = try settings.value(Self.tokenServiceSetting, flag: tokenService)
    let timeout = try settings.value(Self.lookupTimeoutSetting, flag: lookupTimeout)
    let capacity = try settings.value(VerifiedCredentials.capacitySetting, flag: cachedCredentials)
    let attempts = try settings.value(FailedAttempts.setting, flag: failedAttempts)

    let client = try process.client(of: .tokenService, at: endpoints)
    let credentials = VerifiedCredentials(capacity: capacity)
    let verifier = CachingVerifier(
      credentials: credentials, source: RemoteCredentialSource(caller: client, timeout: timeout),
      attempts: FailedAttempts(perMinute: attempts))
    let lease = LeaseKeeper(
      client: Temporis_Token_V1_RevocationService.Client(wrapping: client.grpc), credentials: credentials,
      logger: process.logger)
    let refusals = RefusalReport(
      of: verifier.refusals, client: Temporis_Token_V1_CredentialService.Client(wrapping: client.grpc),
      timeout: timeout)
    let metrics = VerifierMetrics()
    let health = HealthMonitor(isServing: false, logger: process.logger)
    try await process.serve(
      [VerifierHandler(verifier: verifier), ExternalAuthorizationHandler(verifier: verifier, logger: process.logger)],
      fastPaths: [verifier.fastPath], health: health,
      running: [
        client,
        PeriodicService(interval: .seconds(10), runsAtEnd: true, logger: process.logger) { try await refusals.send() },
        PeriodicService(interval: .seconds(1), logger: process.logger) { metrics.record(verifier) },
        lease,
        // Without a lease nothing is VALID.
        HealthCheck(of: health) { try await lease.check() },
      ])
  }
}
