import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Synchronization
import TestSupport
import Testing

/// GRPCCore's retries, asked for by the service config, over this transport.
@Suite(.timeLimit(.minutes(1))) struct RetryPolicyTests {
  /// A method that fails with `code` the first times, and then does what it is told to.
  final class Flaky: Sendable {
    let executions = Counter()

    static let answer: TestService.Handler = { _, _ in
      StreamingServerResponse { writer in
        try await writer.write([1])
        return [:]
      }
    }

    func service(
      code: RPCError.Code, failures: Int, metadata: Metadata = [:], then handler: @escaping TestService.Handler = answer
    ) -> TestService {
      TestService([
        "Flaky": { request, context in
          self.executions.add()
          guard self.executions.value > failures else {
            throw RPCError(code: code, message: "not yet", metadata: metadata)
          }
          return try await handler(request, context)
        }
      ])
    }
  }

  /// A client's configuration that retries UNAVAILABLE on every method.
  static func retrying(
    maxAttempts: Int = 4, backoff: Duration = .milliseconds(1), throttling: ServiceConfig.RetryThrottling? = nil
  ) -> Nghttp2ClientConfiguration {
    let policy = RetryPolicy(
      maxAttempts: maxAttempts, initialBackoff: backoff, maxBackoff: backoff, backoffMultiplier: 1,
      retryableStatusCodes: [.unavailable])
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.serviceConfig = ServiceConfig(
      methodConfig: [
        MethodConfig(names: [MethodConfig.Name(service: "test.Service")], executionPolicy: .retry(policy))
      ],
      retryThrottling: throttling)
    return configuration
  }

  @Test("UNAVAILABLE is retried until it succeeds")
  func succeeds() async throws {
    let flaky = Flaky()
    try await withLoopback(flaky.service(code: .unavailable, failures: 2), client: Self.retrying()) { client in
      try await client.expect("Flaky", answer: [1])
    }
    #expect(flaky.executions.value == 3)
  }

  @Test("No more attempts are made than the policy allows, and none for another status")
  func limits() async throws {
    for (code, executions) in [(RPCError.Code.unavailable, 4), (.internalError, 1)] {
      let flaky = Flaky()
      try await withLoopback(flaky.service(code: code, failures: .max), client: Self.retrying()) { client in
        #expect(await rpcError { _ = try await client.call("Flaky") }?.code == code)
      }
      #expect(flaky.executions.value == executions)
    }
  }

  @Test("A policy in a call's options replaces the service config's")
  func ownPolicy() async throws {
    let flaky = Flaky()
    var options = CallOptions.defaults
    options.executionPolicy = .retry(
      RetryPolicy(
        maxAttempts: 3, initialBackoff: .milliseconds(1), maxBackoff: .milliseconds(1), backoffMultiplier: 1,
        retryableStatusCodes: [.unavailable]))
    try await withLoopback(flaky.service(code: .unavailable, failures: .max), client: Self.retrying()) { client in
      #expect(await rpcError { _ = try await client.call("Flaky", options: options) }?.code == .unavailable)
    }
    #expect(flaky.executions.value == 3)
  }

  @Test("GRPCCore is told of hedging with its timeout, and of nothing that the transport carries out")
  func configForCore() throws {
    var configuration = Self.retrying()
    configuration.serviceConfig.methodConfig[0].timeout = .seconds(1)
    let hedging = MethodConfig(
      names: [MethodConfig.Name(service: "test.Hedged")], timeout: .seconds(2),
      executionPolicy: .hedge(HedgingPolicy(maxAttempts: 2, hedgingDelay: .seconds(1), nonFatalStatusCodes: [])))
    configuration.serviceConfig.methodConfig.append(hedging)
    let transport = try Nghttp2ClientTransport(endpoints: [anyPort], configuration: configuration)
    let retried = transport.config(forMethod: TestService.method("Echo"))
    #expect(retried != nil && retried?.timeout == nil && retried?.executionPolicy == nil)
    let hedged = transport.config(
      forMethod: MethodDescriptor(fullyQualifiedService: "test.Hedged", method: "Echo"))
    #expect(hedged == hedging)
  }

  @Test("Both sides learn how many attempts there were before, and nothing of one that was the only one")
  func previousAttempts() async throws {
    for (code, previous) in [(RPCError.Code.unavailable, ["3"]), (.internalError, [])] {
      let seen = Mutex<[String]>([])
      let service = TestService([
        "Flaky": { request, _ in
          let attempts = request.metadata[stringValues: "grpc-previous-rpc-attempts"].joined(separator: ",")
          seen.withLock { $0.append(attempts) }
          throw RPCError(code: code, message: "not yet")
        }
      ])
      try await withLoopback(service, client: Self.retrying()) { client in
        let error = await rpcError { _ = try await client.call("Flaky") }
        #expect(error?.code == code)
        #expect(error.map { Array($0.metadata[stringValues: "grpc-previous-rpc-attempts"]) } == previous)
      }
      #expect(seen.withLock { $0 } == (previous.isEmpty ? [""] : ["", "1", "2", "3"]))
    }
  }

  @Test("A client that is stopped keeps no call that waits to be made again")
  func stoppedInBackoff() async throws {
    let flaky = Flaky()
    try await withServer(flaky.service(code: .unavailable, failures: .max)) { _, endpoint in
      let transport = try Nghttp2ClientTransport(
        endpoints: [endpoint], configuration: Self.retrying(backoff: .seconds(3600)))
      let client = GRPCClient(transport: transport)
      let run = Task { try await client.runConnections() }
      let call = Task { await rpcError { _ = try await client.call("Flaky") } }
      try await eventually(until: { flaky.executions.value == 1 })
      run.cancel()
      #expect(await call.value != nil)
      try? await run.value
    }
  }

  @Test("Many failures stop the retries of all calls for a while")
  func throttle() async throws {
    let flaky = Flaky()
    let throttling = try ServiceConfig.RetryThrottling(maxTokens: 10, tokenRatio: 0.1)
    let configuration = Self.retrying(throttling: throttling)
    try await withLoopback(flaky.service(code: .unavailable, failures: .max), client: configuration) { client in
      for _ in 0..<10 { _ = await rpcError { _ = try await client.call("Flaky") } }
    }
    // Half of the ten tokens are used up by five failures, after which each call is one attempt: 4 + 1 + 8.
    #expect(flaky.executions.value == 13)
  }

  @Test("A server can forbid the retry")
  func pushback() async throws {
    let flaky = Flaky()
    let service = flaky.service(code: .unavailable, failures: .max, metadata: ["grpc-retry-pushback-ms": "-1"])
    try await withLoopback(service, client: Self.retrying()) { client in
      #expect(await rpcError { _ = try await client.call("Flaky") }?.code == .unavailable)
    }
    #expect(flaky.executions.value == 1)
  }

  @Test("A server can put the retry earlier than the policy would")
  func pushbackDelay() async throws {
    let flaky = Flaky()
    let service = flaky.service(code: .unavailable, failures: 3, metadata: ["grpc-retry-pushback-ms": "1"])
    // The policy's own delay would be longer than the test may take.
    try await withLoopback(service, client: Self.retrying(backoff: .seconds(3600))) { client in
      try await client.expect("Flaky", options: .options(timeout: .seconds(30)), answer: [1])
    }
    #expect(flaky.executions.value == 4)
  }

  @Test("A back-off of any length is waited for")
  func longBackoff() async throws {
    let flaky = Flaky()
    let service = flaky.service(code: .unavailable, failures: .max)
    try await withLoopback(service, client: Self.retrying(backoff: .seconds(Int64.max))) { client in
      let error = await rpcError { _ = try await client.call("Flaky", options: .options(timeout: .milliseconds(300))) }
      #expect(error?.code == .deadlineExceeded)
    }
    #expect(flaky.executions.value == 1)
  }

  @Test("A call whose connection is lost is made again when its policy says so")
  func lostConnection() async throws {
    let connections = Counter()
    try await RawPeer.listen { peer in
      connections.add()
      let id = try await peer.nextRequest()
      guard connections.value == 3 else { return }
      try await QueuedCallTests.answer(peer, id, 3)
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      var configuration = Self.retrying()
      configuration.backoff.initial = .milliseconds(1)
      try await withClient([endpoint], configuration: configuration) { client in
        try await client.expect("Echo", options: .options(waitForReady: true), answer: [3])
      }
    }
  }

  @Test("A call that finds no connection fails once its attempts are used up, not with its deadline")
  func noConnection() async throws {
    try await withClient([.host("127.0.0.1", port: 1)], configuration: Self.retrying()) { client in
      let error = await rpcError { _ = try await client.call("Echo", options: .options(timeout: .seconds(3600))) }
      #expect(error?.code == .unavailable)
    }
  }

  @Test("A call that waits for a connection ends with its deadline, whichever its attempt")
  func noConnectionInTime() async throws {
    let connections = Counter()
    try await RawPeer.listen { peer in
      connections.add()
      guard connections.value == 1 else { return }
      try await RemainingTimeTests.fail(peer, try await peer.nextRequest())
    } _: { endpoint in
      for endpoint in [.host("127.0.0.1", port: 1), endpoint] {
        try await withClient([endpoint], configuration: Self.retrying()) { client in
          let options = CallOptions.options(timeout: .milliseconds(200), waitForReady: true)
          let error = await rpcError { _ = try await client.call("Echo", options: options) }
          #expect(error?.code == .deadlineExceeded)
        }
      }
    }
  }

  @Test("A call that the closing client refuses fails, too, and not with its deadline")
  func closing() async throws {
    let transport = try Nghttp2ClientTransport(endpoints: [anyPort], configuration: Self.retrying())
    transport.beginGracefulShutdown()
    let error = await rpcError {
      _ = try await GRPCClient(transport: transport).call("Echo", options: .options(timeout: .seconds(3600)))
    }
    #expect(error?.code == .failedPrecondition)
  }

  @Test("Every attempt tells the server what is left of the deadline")
  func timeout() async throws {
    let seen = Mutex<[String?]>([])
    try await RawPeer.listen { peer in
      var id: Int32 = 0
      while true {
        id = try await peer.nextRequest(after: id)
        let stream = id
        let timeout = peer.sections(id).first?["grpc-timeout"]
        seen.withLock { $0.append(timeout) }
        if seen.withLock({ $0.count }) < 3 {
          try await RemainingTimeTests.fail(peer, stream)
        } else {
          try await QueuedCallTests.answer(peer, stream, 1)
        }
      }
    } _: { endpoint in
      try await withClient([endpoint], configuration: Self.retrying()) { client in
        try await client.expect("Echo", options: .options(timeout: .seconds(20)), answer: [1])
      }
    }
    let timeouts = seen.withLock { $0 }.compactMap { $0.flatMap { CallTimeout(parsing: $0)?.duration } }
    #expect(timeouts.count == 3)
    #expect(timeouts.allSatisfy { $0 > .zero && $0 <= .seconds(20) })
    #expect(zip(timeouts, timeouts.dropFirst()).allSatisfy { $0 > $1 })
  }
}
