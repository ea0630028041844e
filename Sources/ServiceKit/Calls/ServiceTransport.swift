import GRPCCore
package import GRPCNghttp2Transport

/// How the suite's services talk to each other.
package enum ServiceTransport {
  /// How long a server may be silent before it is pinged. A machine that vanished without a word is found out within
  /// this and the ping's 20 seconds: its calls end, and later ones go elsewhere.
  private static let keepaliveTime = Duration.seconds(30)

  /// How long a client may take between two messages of a request.
  private static let requestTimeout = Duration.seconds(60)
  /// What the requests of a server may hold in memory unless it says otherwise, in bytes. Together they may hold twice
  /// as much, and 128 KiB a connection more, for which a container's limit must leave room.
  package static let requestMemory = 128 << 20
  /// The same for a server whose requests are small.
  package static let smallRequestMemory = 32 << 20
  /// The connections of a server: several times what the suite's processes open.
  private static let maxConnections = 128

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
  ///   - maxConnectionAge: How old a connection may become, give or take 10 %. Clients connect anew when it ends, and
  ///     so to replicas that were not there before.
  ///   - grace: How long the calls of such a connection may go on.
  ///   - requestMemory: What requests may hold in memory, in bytes: well below what the process is given.
  package static func server(
    maxConnectionAge: Duration, grace: Duration, requestMemory: Int = requestMemory
  ) -> Nghttp2ServerConfiguration {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.minPingInterval = keepaliveTime / 2
    configuration.permitsPingsWithoutCalls = true
    configuration.maxConnectionAge = maxConnectionAge
    configuration.maxConnectionAgeGrace = grace
    // No client of ours compresses, and none waits in the middle of a request.
    configuration.acceptsCompressedRequests = false
    configuration.requestTimeout = requestTimeout
    configuration.maxConnections = maxConnections
    configuration.maxHeldBytes = requestMemory
    // A gateway's calls share one connection: among them ingests, of which each may hold two messages of 3 MiB, or a
    // thousand small calls.
    configuration.maxHeldBytesPerConnection = max(requestMemory / 4, 24 << 20)
    return configuration
  }
}
