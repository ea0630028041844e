package import ArgumentParser
package import GRPCNghttp2Transport
import Hummingbird
import NIOSSL
package import ServiceKit

/// `api-gateway`: serves the public HTTP API and the dashboard in front of the services.
package struct APIGatewayCommand: ServiceCommand {
  package static let workload = Workload.apiGateway
  package static let defaultListen = "127.0.0.1:8080"

  package static let configuration = CommandConfiguration(
    commandName: workload.rawValue,
    abstract: """
      Serves the public HTTP API and the dashboard. Holds no secret and no database: every answer comes from the \
      services.
      """,
    subcommands: [HealthCommand<Self>.self])

  @OptionGroup package var service: ServiceOptions
  @OptionGroup var gateway: GatewayOptions

  package init() {}

  package func run() async throws {
    let settings = Settings()
    let configuration = try gateway.configuration(settings: settings)
    let process = try ServiceProcess(
      workload: Self.workload, options: service, settings: settings, defaultListen: Self.defaultListen)
    let predictService = try process.client(of: .predictService, at: configuration.predictService)
    let authVerifier = try process.client(of: .authVerifier, at: configuration.authVerifier)
    let tokenService = try process.client(of: .tokenService, at: configuration.tokenService)
    let predictions = RemotePredictionClient(
      client: predictService, headerTimeout: configuration.predictTimeout, answerTimeout: configuration.answerTimeout)
    let api = PublicAPI(
      ingest: RemoteIngestClient(client: predictService, timeout: configuration.ingestTimeout),
      predictions: predictions, verifier: RemoteVerifier(client: authVerifier, timeout: configuration.verifyTimeout))
    let dashboard = try Dashboard(
      services: { caller in
        DashboardServices(
          tokenService: tokenService.calling(with: caller.tokenService),
          predictService: predictService.calling(with: caller.predictService))
      },
      predictions: predictions,
      origin: configuration.origin, bodyPace: configuration.limits.bodyPace,
      logger: process.logger)
    let server = PublicServer.application(
      routes: api.routes, dashboard: dashboard, origin: configuration.origin, address: BindAddress(process.listen),
      limits: configuration.limits, identity: configuration.identity, logger: process.logger)
    // The last one stops first: requests in flight still need the clients.
    try await process.run([
      tokenService, predictService, authVerifier, ListeningServer(server: server, endpoint: process.listen),
    ])
  }
}

extension APIGatewayCommand {
  /// Asks over HTTP, or HTTPS when there is a certificate, whose name does not matter to a process that asks itself.
  package func healthProbe(
    of endpoint: SocketEndpoint, timeout: Duration, settings: Settings
  ) throws -> any HealthProbe {
    guard try gateway.configuration(settings: settings).identity != nil else {
      return HTTPHealthProbe(endpoint: endpoint, timeout: timeout)
    }
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .none
    let context = try NIOSSLContext(configuration: configuration)
    return HTTPHealthProbe(endpoint: endpoint, timeout: timeout) {
      try NIOSSLClientHandler(context: context, serverHostname: nil)
    }
  }
}
