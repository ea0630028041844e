import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Logging
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

/// Names that stand for several servers, on sockets.
@Suite(.timeLimit(.minutes(1))) struct NameResolutionTests {
  /// Answers with what the test says, and can be made to hang.
  final class FakeResolver: NameResolver {
    struct Unknown: Error {}

    private let answer = Mutex<[SocketAddress]?>(nil)
    let lookups = Counter()
    private let gate: Event?

    /// `gate`: what the lookup waits for.
    init(_ addresses: [SocketEndpoint]? = nil, gate: Event? = nil) throws {
      self.gate = gate
      try self.set(addresses)
    }

    /// Nil: the name isn't found.
    func set(_ endpoints: [SocketEndpoint]?) throws {
      let addresses = try endpoints?.compactMap { endpoint -> SocketAddress? in
        guard case .host(let host, let port) = endpoint else { return nil }
        return try SocketAddress(ipAddress: host, port: port)
      }
      self.answer.withLock { $0 = addresses }
    }

    func addresses(of host: String, port: Int) async throws -> [SocketAddress] {
      self.lookups.add()
      await self.gate?.wait()
      guard let addresses = self.answer.withLock({ $0 }) else { throw Unknown() }
      return addresses
    }
  }

  static func client<Result: Sendable>(
    _ resolver: FakeResolver, _ change: (inout Nghttp2ClientConfiguration) -> Void = { _ in },
    _ body: (TestClient) async throws -> Result
  ) async throws -> Result {
    try await withGRPCClient(transport: Self.transport(resolver, change)) { try await body($0) }
  }

  static func transport(
    _ resolver: FakeResolver, _ change: (inout Nghttp2ClientConfiguration) -> Void
  ) throws -> Nghttp2ClientTransport {
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.backoff.initial = .milliseconds(5)
    configuration.resolutionInterval = .zero
    change(&configuration)
    return try Nghttp2ClientTransport(
      endpoints: [.host("service.test", port: 1)], security: .plaintext, configuration: configuration,
      eventLoopGroup: MultiThreadedEventLoopGroup.singleton, resolver: resolver)
  }

  /// A service that says which server it is.
  static func naming(_ name: UInt8) -> TestService {
    TestService([
      "Name": { _, _ in
        StreamingServerResponse { writer in
          try await writer.write([name])
          return [:]
        }
      }
    ])
  }

  static func names(_ client: TestClient, calls: Int = 12) async throws -> [UInt8: Int] {
    var counts: [UInt8: Int] = [:]
    for _ in 0..<calls {
      counts[try await client.call("Name", options: .options(waitForReady: true))[0], default: 0] += 1
    }
    return counts
  }

  @Test("Calls to a name are spread over all its addresses, IPv4 and IPv6, around one that is down")
  func roundRobin() async throws {
    try await withServer(Self.naming(1)) { _, first in
      try await withServer(on: .host("::1", port: 0), Self.naming(2)) { _, second in
        let resolver = try FakeResolver([first, .host("127.0.0.1", port: 1), second])
        try await Self.client(resolver) { client in
          try await eventually(until: { try await Self.names(client, calls: 2).count == 2 })
          #expect(try await Self.names(client) == [1: 6, 2: 6])
        }
      }
    }
  }

  @Test("A server that moves to another address is found again")
  func moved() async throws {
    let resolver = try FakeResolver()
    try await Self.client(resolver) { client in
      try await withServer(Self.naming(1)) { _, endpoint in
        try resolver.set([endpoint])
        #expect(try await Self.names(client) == [1: 12])
      }
      try await withServer(Self.naming(2)) { _, endpoint in
        try resolver.set([endpoint])
        #expect(try await Self.names(client, calls: 1) == [2: 1])
      }
    }
  }

  @Test("When an address vanishes, the call on it ends in peace, its connection is closed, and new calls go elsewhere")
  func vanished() async throws {
    let started = Event()
    let gate = Event()
    let isClosed = Event()
    try await RawPeer.listen { peer in
      let id = try await peer.nextRequest()
      started.happen()
      await gate.wait()
      try await QueuedCallTests.answer(peer, id, 1)
      _ = try await peer.read { _ in false }
      isClosed.happen()
    } _: { first in
      try await withServer(Self.naming(2)) { _, second in
        // An address that is down has the name looked up again and again.
        let resolver = try FakeResolver([first, .host("127.0.0.1", port: 1)])
        try await Self.client(resolver) { client in
          async let held = client.call("Echo", options: .options(waitForReady: true))
          await started.wait()
          try resolver.set([second])
          try await eventually(until: {
            let options = CallOptions.options(timeout: .milliseconds(50), waitForReady: true)
            return (try? await client.call("Name", options: options)) == [2]
          })
          #expect(try await Self.names(client) == [2: 12])
          gate.happen()
          let heldAnswer = try await held
          #expect(heldAnswer == [1])
          await isClosed.wait()
        }
      }
    }
  }

  @Test("A name that stops resolving keeps its addresses")
  func keepsAddresses() async throws {
    let connections = Counter()
    try await RawPeer.listen { peer in
      connections.add()
      let id = try await peer.nextRequest()
      try await peer.send { try $0.submitGoAway() }
      try await QueuedCallTests.answer(peer, id, 1)
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      let resolver = try FakeResolver([endpoint])
      try await Self.client(resolver) { client in
        try await client.expect("Echo", options: .options(waitForReady: true), answer: [1])
        try resolver.set(nil)
        // Each on a new connection, since the last ends with its answer.
        for _ in 0..<3 {
          try await client.expect("Echo", options: .options(waitForReady: true), answer: [1])
        }
      }
      #expect(resolver.lookups.value > 1)
    }
    #expect(connections.value == 4)
  }

  @Test("A call to an unknown name is UNAVAILABLE and says so; one that waits for ready waits for the name")
  func unknown() async throws {
    let resolver = try FakeResolver()
    try await Self.client(resolver) { client in
      let error = await rpcError { _ = try await client.call("Echo") }
      #expect(error?.code == .unavailable)
      #expect(error?.message.hasPrefix("Can't connect to service.test:1: the name can't be resolved") == true)
      let waiting = Task { try await client.call("Echo", [5], options: .options(waitForReady: true)) }
      try await withServer { _, endpoint in
        try resolver.set([endpoint])
        let waitingAnswer = try await waiting.value
        #expect(waitingAnswer == [5])
      }
    }
  }

  @Test("While a lookup hangs, calls fail, calls can be cancelled, and the client can end, shut down or stopped")
  func hangs() async throws {
    for isCancelled in [false, true] {
      let gate = Event()
      let resolver = try FakeResolver([.host("127.0.0.1", port: 1)], gate: gate)
      let transport = try Self.transport(resolver) { $0.connectTimeout = .milliseconds(20) }
      let client = GRPCClient(transport: transport)
      let run = Task { try await client.runConnections() }
      let waiting = Task { try await client.call("Name", options: .options(waitForReady: true)) }
      try await eventually(until: { resolver.lookups.value == 1 })
      #expect(await rpcError { _ = try await client.call("Name") }?.code == .unavailable)
      // Longer than the back-off.
      try await RemainingTimeTests.pass(since: .now)
      #expect(await rpcError { _ = try await client.call("Name") }?.code == .unavailable)
      waiting.cancel()
      await #expect(throws: (any Error).self) { try await waiting.value }
      if isCancelled { run.cancel() } else { client.beginGracefulShutdown() }
      try await run.value
      #expect(resolver.lookups.value == 1)
      gate.happen()
    }
  }

  @Test("The system's resolver finds localhost, and says of no name that it doesn't exist")
  func system() async throws {
    try await withServer { _, endpoint in
      guard case .host(_, let port) = endpoint else { return }
      try await withClient([.host("localhost", port: port)]) { client in
        try await client.expect("Echo", [1], options: .options(waitForReady: true), answer: [1])
      }
    }
    try await withClient([.host("no-such-host.invalid", port: 1)]) { client in
      let error = await rpcError { _ = try await client.call("Echo") }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("can't be resolved") == true)
    }
  }
}
