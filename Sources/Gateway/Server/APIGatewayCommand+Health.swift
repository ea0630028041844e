package import GRPCNghttp2Transport
import NIOSSL
package import ServiceKit

extension APIGatewayCommand {
  /// Asks over HTTP, or HTTPS when there is a certificate; whom that names does not matter to a process that asks itself.
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
