import GRPCCore
import GRPCNghttp2Transport
import Glibc
import HTTP2TestSupport
import Logging
import NIOCore
import NIOPosix
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct LifecycleTests {
  /// A method that answers when it is told to.
  static func gated(_ started: Event, _ gate: Event) -> TestService {
    TestService([
      "Gated": { _, _ in
        started.happen()
        await gate.wait()
        return StreamingServerResponse { writer in
          try await writer.write([42])
          return [:]
        }
      }
    ])
  }

  @Test("A server that shuts down finishes the calls that it has and takes no more")
  func serverShutdown() async throws {
    let started = Event()
    let gate = Event()
    try await withServer(Self.gated(started, gate)) { server, endpoint in
      try await withClient([endpoint]) { client in
        async let answer = client.call("Gated")
        await started.wait()
        server.beginGracefulShutdown()
        // The client may still get a call through before it hears; then none.
        try await eventually(until: { await rpcError { _ = try await client.call("Echo") }?.code == .unavailable })
        gate.happen()
        let message = try await answer
        #expect(message == [42])
      }
    }
  }

  @Test("Calls beyond the grace period are cut off")
  func gracePeriod() async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.shutdownGracePeriod = .milliseconds(20)
    let waiting = DeadlineAndCancellationTests.Waiting()
    try await withServer(waiting.service, configuration: configuration) { server, endpoint in
      try await withClient([endpoint]) { client in
        async let error = rpcError { _ = try await client.call("Wait") }
        await waiting.started.wait()
        server.beginGracefulShutdown()
        let code = await error?.code
        #expect(code == .unavailable)
        await waiting.handleCancelled.wait()
      }
    }
  }

  @Test("Cancelling the server's task ends its calls at once")
  func serverCancelled() async throws {
    let waiting = DeadlineAndCancellationTests.Waiting()
    let transport = Nghttp2ServerTransport(listeningOn: anyPort, logger: Logger(label: "test"))
    let server = GRPCServer(transport: transport, services: [waiting.service])
    let run = Task { try await server.serve() }
    let endpoint = try await transport.boundEndpoint
    try await withClient([endpoint]) { client in
      async let error = rpcError { _ = try await client.call("Wait") }
      await waiting.started.wait()
      run.cancel()
      let code = await error?.code
      #expect(code == .unavailable)
    }
    await waiting.handleCancelled.wait()
    try await run.value
  }

  @Test("A handler that goes on after its status doesn't count against the limit of calls")
  func lingeringHandlers() async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.maxConcurrentStreams = 1
    let transport = Nghttp2ServerTransport(
      listeningOn: anyPort, configuration: configuration, logger: Logger(label: "test"))
    let (gate, opener) = AsyncStream<Void>.makeStream()
    let run = Task {
      try await transport.listen { stream, _ in
        try? await stream.outbound.write(.message([1]))
        try? await stream.outbound.write(.status(Status(code: .ok, message: ""), [:]))
        for await _ in gate {}
      }
    }
    try await withClient([transport.boundEndpoint]) { client in
      // The last call has its answer before its stream is over, so that the next waits for that.
      for _ in 0..<20 { try await client.expect("Any", answer: [1]) }
    }
    opener.finish()
    transport.beginGracefulShutdown()
    try await run.value
  }

  @Test("A client without a call has no connection, and its first call makes the only one")
  func lazyConnection() async throws {
    let connections = Counter()
    try await RawPeer.listen { peer in
      connections.add()
      try await QueuedCallTests.serve(peer, answer: 1)
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        // Time enough for a connection that it made by itself: others come and go.
        for count in 1...20 {
          try await withClient([endpoint]) { try await $0.expect("Echo", answer: [1]) }
          #expect(connections.value == count)
        }
        for _ in 0..<3 { try await client.expect("Echo", answer: [1]) }
        #expect(connections.value == 21)
      }
    }
  }

  @Test("A client that shuts down finishes its calls and refuses new ones")
  func clientShutdown() async throws {
    let started = Event()
    let gate = Event()
    try await withServer(Self.gated(started, gate)) { _, endpoint in
      let transport = try Nghttp2ClientTransport(endpoints: [endpoint])
      let client = GRPCClient(transport: transport)
      let run = Task { try await client.runConnections() }
      async let answer = client.call("Gated")
      await started.wait()
      transport.beginGracefulShutdown()
      #expect(await rpcError { _ = try await client.call("Echo") }?.code == .failedPrecondition)
      gate.happen()
      let message = try await answer
      #expect(message == [42])
      try await run.value
    }
  }

  @Test("Whoever waits for the end of a client is told of it")
  func severalConnects() async throws {
    try await withServer { _, endpoint in
      let transport = try Nghttp2ClientTransport(endpoints: [endpoint])
      let runs = (0..<3).map { _ in Task { try await transport.connect() } }
      try await GRPCClient(transport: transport).expect("Echo", [1], answer: [1])
      transport.beginGracefulShutdown()
      for run in runs { try await run.value }
    }
  }

  @Test("A call to an address that refuses is UNAVAILABLE at once, and says which address")
  func refused() async throws {
    // No service has taken this port since the seventies.
    let dead = SocketEndpoint.host("127.0.0.1", port: 1)
    try await withClient([dead]) { client in
      for _ in 0..<20 {
        let error = await rpcError { _ = try await client.call("Echo") }
        #expect(error?.code == .unavailable)
        #expect(error?.message.hasPrefix("Can't connect to \(dead): ") == true)
        #expect(error?.message.contains("Connection refused") == true)
        #expect(error.map { $0.message.count < 150 } == true)
      }
    }
    try await withClient([.unixSocket(path: "/tmp/no-such-socket-\(UInt64.random(in: 0...(.max)))")]) { client in
      #expect(await rpcError { _ = try await client.call("Echo") }?.code == .unavailable)
    }
  }

  @Test("A call that waits for ready succeeds once the server is there, and not beyond its deadline")
  func waitForReady() async throws {
    let address = SocketEndpoint.unixSocket(path: "/tmp/temporis-later-\(UInt64.random(in: 0...(.max)))")
    try await withClient([address]) { client in
      let error = await rpcError {
        _ = try await client.call("Echo", options: .options(timeout: .milliseconds(50), waitForReady: true))
      }
      #expect(error?.code == .deadlineExceeded)
      let answer = Task {
        try await client.call("Echo", [9], options: .options(timeout: .seconds(20), waitForReady: true))
      }
      try await withServer(on: address) { _, _ in
        let message = try await answer.value
        #expect(message == [9])
      }
    }
  }

  @Test("A client survives the loss and the return of its server")
  func restart() async throws {
    // A port might be another test's by the time that it is wanted back.
    let address = SocketEndpoint.unixSocket(path: "/tmp/temporis-restart-\(UInt64.random(in: 0...(.max)))")
    let transport = Nghttp2ServerTransport(listeningOn: address, logger: Logger(label: "test"))
    let server = GRPCServer(transport: transport, services: [TestService()])
    let run = Task { try await server.serve() }
    _ = try await transport.boundEndpoint
    try await withClient([address]) { client in
      try await client.expect("Echo", [1], answer: [1])
      run.cancel()
      try await run.value
      // Not only lost: an attempt to reconnect was refused, too.
      try await eventually(until: {
        await rpcError { _ = try await client.call("Echo") }?.message.hasPrefix("Can't connect") == true
      })
      try await withServer(on: address) { _, _ in
        try await eventually(until: { await rpcError { _ = try await client.call("Echo") } == nil })
        try await client.expect("Echo", [2], answer: [2])
      }
    }
  }

  @Test("Calls go to the addresses in turn, and around one that is down")
  func roundRobin() async throws {
    func naming(_ name: UInt8) -> TestService {
      TestService([
        "Name": { _, _ in
          StreamingServerResponse { writer in
            try await writer.write([name])
            return [:]
          }
        }
      ])
    }
    let dead = SocketEndpoint.host("127.0.0.1", port: 1)
    try await withServer(naming(1)) { _, first in
      try await withServer(naming(2)) { _, second in
        try await withClient([first, dead, second]) { client in
          try await eventually(until: { try await Set([client.call("Name"), client.call("Name")]) == [[1], [2]] })
          var counts: [UInt8: Int] = [:]
          for _ in 0..<40 { counts[try await client.call("Name")[0], default: 0] += 1 }
          #expect(counts == [1: 20, 2: 20])
        }
      }
    }
  }

  @Test(
    "An address that is taken is an error of listen and of the bound address, and stays its server's",
    arguments: ["tcp", "unix"])
  func addressInUse(kind: String) async throws {
    try await withServer(on: CallTests.endpoint(kind)) { _, endpoint in
      let transport = Nghttp2ServerTransport(listeningOn: endpoint, logger: Logger(label: "test"))
      let run = Task { try await GRPCServer(transport: transport, services: []).serve() }
      #expect(await rpcError { _ = try await transport.boundEndpoint }?.code == .unavailable)
      await #expect(throws: RuntimeError.self) { try await run.value }
      try await withClient([endpoint]) { try await $0.expect("Echo", [1], answer: [1]) }
    }
  }

  @Test("A server replaces the socket file that another left behind, and leaves none")
  func socketFile() async throws {
    let endpoint = CallTests.endpoint("unix")
    guard case .unixSocket(let path) = endpoint else { return }
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(unixDomainSocketPath: "\(path).old").get()
    // Under another name it stays when the socket is closed.
    try #require(rename("\(path).old", path) == 0)
    try await listener.close()
    #expect(access(path, F_OK) == 0)
    try await withLoopback(on: endpoint) { try await $0.expect("Echo", [1], answer: [1]) }
    #expect(access(path, F_OK) != 0)
  }

  @Test("Connections over the limit are closed, and one that ends makes room for another")
  func connectionLimit() async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.maxConnections = 1
    try await withServer(configuration: configuration) { _, endpoint in
      try await withClient([endpoint]) { second in
        try await withClient([endpoint]) { first in
          _ = try await first.call("Echo")
          #expect(await rpcError { _ = try await second.call("Echo") }?.code == .unavailable)
          try await first.expect("Echo", [1], answer: [1])
        }
        try await eventually(until: { await rpcError { _ = try await second.call("Echo") } == nil })
      }
    }
  }

  @Test("Nothing is kept of a connection that was refused")
  func refusedConnectionIsReleased() async throws {
    /// Runs a server that refuses every connection and returns what its connections hold.
    func held() async throws -> WeakCounter {
      let counter = Counter()
      let service = TestService([
        "Count": { _, _ in
          StreamingServerResponse { _ in
            counter.add()
            return [:]
          }
        }
      ])
      var configuration = Nghttp2ServerConfiguration.defaults
      configuration.maxConnections = 0
      try await withLoopback(service, server: configuration) { client in
        #expect(await rpcError { _ = try await client.call("Count") }?.code == .unavailable)
      }
      return WeakCounter(value: counter)
    }
    let counter = try await held()
    try await eventually(until: { counter.value == nil })
  }
}

/// Whether a counter is still alive.
struct WeakCounter: Sendable {
  weak let value: Counter?
}
