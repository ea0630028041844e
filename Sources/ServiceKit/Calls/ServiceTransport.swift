import GRPCCore
package import GRPCNghttp2Transport

/// How the suite's services talk to each other.
package enum ServiceTransport {
  /// How long a server may be silent before it is pinged. A machine that vanished without a word is found out within this
  /// and the ping's 20 seconds: its calls end, and later ones go elsewhere.
  private static let keepaliveTime = Duration.seconds(30)

  /// For the clients: retries of what only reads, and pings.
  package static func client() throws -> Nghttp2ClientConfiguration {
    var keepalive = ClientKeepalive()
    keepalive.time = keepaliveTime
    // Else the first call after a quiet time would be the one that finds out.
    keepalive.permitsWithoutCalls = true
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.keepalive = keepalive
    configuration.serviceConfig = try .suite()
    return configuration
  }

  /// For the servers: what such clients send is permitted.
  /// - Parameters:
  ///   - maxConnectionAge: How old a connection may become, give or take 10 %. Clients connect anew when it ends, and so to
  ///     replicas that were not there before.
  ///   - grace: How long the calls of such a connection may go on.
  package static func server(maxConnectionAge: Duration, grace: Duration) -> Nghttp2ServerConfiguration {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.minPingInterval = keepaliveTime / 2
    configuration.permitsPingsWithoutCalls = true
    configuration.maxConnectionAge = maxConnectionAge
    configuration.maxConnectionAgeGrace = grace
    return configuration
  }
}
