import GRPCCore
import GRPCNghttp2Transport
import Logging
import Testing

typealias TestClient = GRPCClient<Nghttp2ClientTransport>
typealias TestServer = GRPCServer<Nghttp2ServerTransport>

let anyPort = SocketEndpoint.host("127.0.0.1", port: 0)

/// Runs a server for the time of `body`, then waits for its graceful end.
func withServer<Result: Sendable>(
  on endpoint: SocketEndpoint = anyPort, _ service: TestService = TestService(),
  security: TransportSecurity = .plaintext, configuration: Nghttp2ServerConfiguration = .defaults,
  fastPaths: [FastPath] = [], _ body: (TestServer, SocketEndpoint) async throws -> Result
) async throws -> Result {
  let transport = Nghttp2ServerTransport(
    listeningOn: endpoint, security: security, configuration: configuration, fastPaths: fastPaths,
    logger: Logger(label: "test"))
  return try await withGRPCServer(transport: transport, services: [service]) { server in
    try await body(server, try await transport.boundEndpoint)
  }
}

/// Runs a client for the time of `body`, then waits for its graceful end.
func withClient<Result: Sendable>(
  _ endpoints: [SocketEndpoint], security: TransportSecurity = .plaintext,
  configuration: Nghttp2ClientConfiguration = .defaults,
  _ body: (TestClient) async throws -> Result
) async throws -> Result {
  let transport = try Nghttp2ClientTransport(endpoints: endpoints, security: security, configuration: configuration)
  return try await withGRPCClient(transport: transport) { try await body($0) }
}

/// The same with the client's transport, to look into it.
func withClientTransport<Result: Sendable>(
  _ endpoints: [SocketEndpoint], configuration: Nghttp2ClientConfiguration = .defaults,
  _ body: (TestClient, Nghttp2ClientTransport) async throws -> Result
) async throws -> Result {
  let transport = try Nghttp2ClientTransport(endpoints: endpoints, configuration: configuration)
  return try await withGRPCClient(transport: transport) { try await body($0, transport) }
}

/// Both at once.
func withLoopback<Result: Sendable>(
  on endpoint: SocketEndpoint = anyPort, _ service: TestService = TestService(),
  server: Nghttp2ServerConfiguration = .defaults, client: Nghttp2ClientConfiguration = .defaults,
  _ body: (TestClient) async throws -> Result
) async throws -> Result {
  try await withServer(on: endpoint, service, configuration: server) { _, bound in
    try await withClient([bound], configuration: client) { try await body($0) }
  }
}

extension GRPCClient {
  /// One message each way.
  func call(
    _ method: String, _ message: [UInt8] = [], metadata: Metadata = [:], options: CallOptions = .defaults
  ) async throws -> [UInt8] {
    try await self.unary(
      request: ClientRequest(message: message, metadata: metadata), descriptor: TestService.method(method),
      serializer: BytesCoder(), deserializer: BytesCoder(), options: options
    ) { try $0.message }
  }

  /// One message each way, which must come back as `answer`.
  func expect(
    _ method: String, _ message: [UInt8] = [], options: CallOptions = .defaults, answer: [UInt8],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let received = try await self.call(method, message, options: options)
    #expect(received == answer, sourceLocation: sourceLocation)
  }

  /// Streams both ways.
  func stream<Result: Sendable>(
    _ method: String, options: CallOptions = .defaults,
    request: @escaping @Sendable (RPCWriter<[UInt8]>) async throws -> Void,
    response: @escaping @Sendable (StreamingClientResponse<[UInt8]>) async throws -> Result
  ) async throws -> Result {
    try await self.bidirectionalStreaming(
      request: StreamingClientRequest { try await request($0) }, descriptor: TestService.method(method),
      serializer: BytesCoder(), deserializer: BytesCoder(), options: options, onResponse: response)
  }
}

extension CallOptions {
  static func options(timeout: Duration? = nil, waitForReady: Bool? = nil) -> CallOptions {
    var options = CallOptions.defaults
    options.timeout = timeout
    options.waitForReady = waitForReady
    return options
  }
}

/// The RPC error that `body` throws.
func rpcError(_ body: () async throws -> Void) async -> RPCError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? RPCError
  }
}
