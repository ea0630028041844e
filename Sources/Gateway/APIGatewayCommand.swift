package import ArgumentParser
import Hummingbird
import ServiceKit

/// `api-gateway`: serves the public HTTP API in front of the services.
package struct APIGatewayCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "api-gateway",
    abstract: "Serves the public HTTP API. Holds no secret and no database: every answer comes from the services.")

  @OptionGroup private var service: ServiceOptions
  @OptionGroup private var gateway: GatewayOptions

  package init() {}

  package func run() async throws {
    let settings = Settings()
    let configuration = try gateway.configuration(settings: settings)
    let process = try ServiceProcess(
      name: "api-gateway", options: service, settings: settings, defaultListen: "127.0.0.1:8080")
    let predictService = try ServiceClient(endpoints: configuration.predictService, logger: process.logger)
    let authVerifier = try ServiceClient(endpoints: configuration.authVerifier, logger: process.logger)
    let api = PublicAPI(
      ingest: RemoteIngestClient(client: predictService, timeout: configuration.ingestTimeout),
      predictions: RemotePredictionClient(
        client: predictService, headerTimeout: configuration.predictTimeout, answerTimeout: configuration.answerTimeout),
      verifier: RemoteVerifier(client: authVerifier, timeout: configuration.verifyTimeout))
    let server = PublicServer.application(
      routes: api.routes, address: BindAddress(process.listen), limits: configuration.limits,
      identity: configuration.identity, logger: process.logger)
    // The last one stops first: requests in flight still need the clients.
    try await process.run([predictService, authVerifier, ListeningServer(server: server, endpoint: process.listen)])
  }
}
