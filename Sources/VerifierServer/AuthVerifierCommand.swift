package import ArgumentParser
package import ServiceKit
import TemporisAPI
import TokenDomain

/// `auth-verifier`: tells whether an `Authorization` header is good, and for whom it acts. It has no database.
package struct AuthVerifierCommand: ServiceCommand {
  package static let defaultListen = "127.0.0.1:50052"

  package static let configuration = CommandConfiguration(
    commandName: "auth-verifier",
    abstract: "Verifies Authorization headers against the token service.",
    subcommands: [HealthCommand<Self>.self])

  private static let tokenServiceSetting = Setting.endpoints(
    "token-service", default: "127.0.0.1:50051", help: "The token service's addresses, separated by commas.")
  private static let lookupTimeoutSetting = Setting.seconds(
    "lookup-timeout", default: 2, in: 0.01...60, help: "The longest wait for the token service, in seconds.")

  @OptionGroup package var service: ServiceOptions

  @Option(name: .customLong("token-service"), help: Self.tokenServiceSetting.help)
  private var tokenService: String?

  @Option(name: .customLong("lookup-timeout"), help: Self.lookupTimeoutSetting.help)
  private var lookupTimeout: String?

  package init() {}

  package func run() async throws {
    let settings = Settings()
    let process = try ServiceProcess(
      name: "auth-verifier", options: service, settings: settings, defaultListen: Self.defaultListen,
      requestMemory: ServiceTransport.smallRequestMemory)
    let endpoints = try settings.value(Self.tokenServiceSetting, flag: tokenService)
    let timeout = try settings.value(Self.lookupTimeoutSetting, flag: lookupTimeout)
    let client = try process.client(of: "token-service", at: endpoints)
    let source = RemoteCredentialSource(
      client: Temporis_Token_V1_CredentialService.Client(wrapping: client.grpc), timeout: timeout)
    let health = HealthMonitor(isServing: false, logger: process.logger)
    // Of a credential that nobody has: whether it can be looked up is what the process's work depends on.
    let nobodys = SecretHash(Secret(kind: .accessToken))
    try await process.serve(
      [VerifierHandler(verifier: CredentialVerifier(source: source))], health: health,
      running: [
        client,
        HealthCheck(of: health) { _ = try await source.credential(for: nobodys) },
      ])
  }
}
