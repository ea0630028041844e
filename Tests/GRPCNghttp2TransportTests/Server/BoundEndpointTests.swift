import GRPCCore
import GRPCNghttp2Transport
import Logging
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct BoundEndpointTests {
  /// What tasks can share.
  private final class Endpoint: Sendable {
    let bound = BoundEndpoint()
  }

  private func expectCancelled(_ error: RPCError?, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(error?.code == .cancelled, sourceLocation: sourceLocation)
    #expect(error?.cause is CancellationError, sourceLocation: sourceLocation)
  }

  @Test("A task that is cancelled while it waits for a server's address waits no longer, and others go on")
  func cancelled() async throws {
    let transport = Nghttp2ServerTransport(listeningOn: anyPort, logger: Logger(label: "test"))
    let other = Task { try await transport.boundEndpoint }
    let waiter = Task { await rpcError { _ = try await transport.boundEndpoint } }
    waiter.cancel()
    self.expectCancelled(await waiter.value)
    try await withGRPCServer(transport: transport, services: [TestService()]) { _ in
      let endpoint = try await other.value
      #expect(try await transport.boundEndpoint == endpoint)
      try await withClient([endpoint]) { try await $0.expect("Echo", [1], answer: [1]) }
    }
  }

  @Test("Nothing is kept of the tasks that were cancelled, however many there were")
  func leaksNothing() async throws {
    let endpoint = Endpoint()
    let waiters = (0..<100).map { _ in Task { await rpcError { _ = try await endpoint.bound.wait() } } }
    try await eventually(until: { endpoint.bound.waiterCount == 100 })
    for waiter in waiters.dropLast() { waiter.cancel() }
    for waiter in waiters.dropLast() { self.expectCancelled(await waiter.value) }
    #expect(endpoint.bound.waiterCount == 1)
    endpoint.bound.publish(.failure(RPCError(code: .unavailable, message: "")))
    #expect(await waiters[99].value?.code == .unavailable)
    #expect(endpoint.bound.waiterCount == 0)
  }

  @Test("A task that is cancelled already gets an address that is known, and doesn't wait for another")
  func cancelledBefore() async throws {
    let endpoint = Endpoint()
    let gate = Event()
    let waiter = Task {
      await gate.wait()
      return await rpcError { _ = try await endpoint.bound.wait() }
    }
    waiter.cancel()
    gate.happen()
    self.expectCancelled(await waiter.value)
    endpoint.bound.publish(.success(anyPort))
    let late = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await endpoint.bound.wait()
    }
    late.cancel()
    #expect(try await late.value == anyPort)
  }

  @Test("The first result is the one that counts")
  func first() async throws {
    let endpoint = Endpoint()
    endpoint.bound.publish(.success(anyPort))
    endpoint.bound.publish(.failure(RPCError(code: .unavailable, message: "")))
    #expect(try await endpoint.bound.wait() == anyPort)
  }

  @Test("A port that there isn't is no other one", arguments: [-1, 65_536, 70_000, .min, .max])
  func noSuchPort(port: Int) async throws {
    for host in ["127.0.0.1", "localhost"] {
      let transport = Nghttp2ServerTransport(listeningOn: .host(host, port: port), logger: Logger(label: "test"))
      async let bound = rpcError { _ = try await transport.boundEndpoint }
      #expect(await rpcError { try await transport.listen { _, _ in } }?.code == .unavailable)
      let code = await bound?.code
      #expect(code == .unavailable)
    }
  }

  @Test("A server listens at a name's address")
  func name() async throws {
    try await withServer(on: .host("localhost", port: 0)) { _, endpoint in
      try await withClient([endpoint]) { try await $0.expect("Echo", [1], answer: [1]) }
    }
    let unknown = Nghttp2ServerTransport(
      listeningOn: .host("no-such-name.invalid", port: 0), logger: Logger(label: "test"))
    #expect(await rpcError { try await unknown.listen { _, _ in } }?.code == .unavailable)
  }
}
