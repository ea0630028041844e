import GRPCCore
import GRPCNghttp2Transport
import Testing

/// Servers and clients all of whose settings are as large, or as small, as their types allow.
@Suite(.timeLimit(.minutes(1))) struct ExtremeSettingsTests {
  private static let message = [UInt8](repeating: 0x5a, count: 1 << 20)

  /// What a call of `message` needs, and the limits in time: at their least they end connections.
  private static let needed: Set = [
    "maxReceiveMessageBytes", "maxSendMessageBytes", "maxHeldBytesPerConnection", "maxHeldBytes", "maxConnections",
    "tlsHandshakeTimeout", "handshakeTimeout", "headerSectionTimeout", "maxConnectionIdle", "maxConnectionAge",
    "keepaliveTime", "keepaliveTimeout", "requestTimeout", "lingerTime", "connectTimeout", "keepalive",
  ]

  private static var largestServer: ServerConfiguration {
    var configuration = ServerConfiguration.defaults
    for setting in ServerConfiguration.numbers { setting.set(&configuration, .max) }
    for setting in ServerConfiguration.durations { setting.set(&configuration, .seconds(Int64.max)) }
    return configuration
  }

  private static var largestClient: ClientConfiguration {
    var configuration = ClientConfiguration.defaults
    for setting in ClientConfiguration.numbers { setting.set(&configuration, .max) }
    for setting in ClientConfiguration.durations { setting.set(&configuration, .seconds(Int64.max)) }
    configuration.backoff = BackoffRangeTests.backoff(.seconds(Int64.max), .seconds(Int64.max), .infinity, .infinity)
    return configuration
  }

  private static var smallestServer: ServerConfiguration {
    var configuration = ServerConfiguration.defaults
    for setting in ServerConfiguration.numbers where !self.needed.contains(setting.name) {
      setting.set(&configuration, .min)
    }
    for setting in ServerConfiguration.durations where !self.needed.contains(setting.name) {
      setting.set(&configuration, .seconds(Int64.min))
    }
    configuration.maxReceiveMessageBytes = self.message.count
    configuration.maxSendMessageBytes = self.message.count
    configuration.maxConnections = 1
    return configuration
  }

  private static var smallestClient: ClientConfiguration {
    var configuration = ClientConfiguration.defaults
    for setting in ClientConfiguration.numbers where !self.needed.contains(setting.name) {
      setting.set(&configuration, .min)
    }
    for setting in ClientConfiguration.durations where !self.needed.contains(setting.name) {
      setting.set(&configuration, .seconds(Int64.min))
    }
    configuration.maxReceiveMessageBytes = self.message.count
    configuration.maxSendMessageBytes = self.message.count
    configuration.backoff = BackoffRangeTests.backoff(.zero, .zero, -1, -1)
    return configuration
  }

  private func check(_ server: ServerConfiguration, _ client: ClientConfiguration) async throws {
    try await withLoopback(server: server, client: client) { client in
      try await client.expect("Echo", [1], answer: [1])
      try await client.expect("Echo", Self.message, answer: Self.message)
      var gzip = CallOptions.defaults
      gzip.compression = .gzip
      try await client.expect("Collect", Self.message, options: gzip, answer: Self.message)
    }
  }

  @Test("A call and a MiB get through whatever the largest settings are")
  func largest() async throws {
    try await self.check(Self.largestServer, .defaults)
    try await self.check(.defaults, Self.largestClient)
    try await self.check(Self.largestServer, Self.largestClient)
  }

  @Test("A call and a MiB get through whatever the smallest settings are")
  func smallest() async throws {
    try await self.check(Self.smallestServer, .defaults)
    try await self.check(.defaults, Self.smallestClient)
    try await self.check(Self.smallestServer, Self.smallestClient)
  }

  @Test("A compressed message is received within the largest limits there are, both ways")
  func compressed() async throws {
    var server = ServerConfiguration.defaults
    server.maxReceiveMessageBytes = .max
    server.responseCompression = .gzip
    try await withLoopback(server: server) { client in
      var options = CallOptions.defaults
      options.compression = .gzip
      options.maxResponseMessageBytes = .max
      try await client.expect("Echo", Self.message, options: options, answer: Self.message)
    }
  }
}
