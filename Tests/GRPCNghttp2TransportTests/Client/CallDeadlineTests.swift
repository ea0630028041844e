import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Synchronization
import TestSupport
import Testing

/// The deadline of a task's calls, which the transport keeps without GRPCCore.
@Suite(.timeLimit(.minutes(1))) struct CallDeadlineTests {
  static func within<Result>(_ time: Duration, _ body: () async throws -> Result) async rethrows -> Result {
    try await CallDeadline.$current.withValue(.now + time) { try await body() }
  }

  @Test("The server is told what is left of the task's deadline, or of a shorter timeout of the options")
  func told() async throws {
    let seen = Mutex<[Duration?]>([])
    try await RawPeer.listen { peer in
      var id: Int32 = 0
      while true {
        let next = try await RemainingTimeTests.next(peer, after: id)
        id = next.id
        seen.withLock { $0.append(next.timeout) }
        try await QueuedCallTests.answer(peer, id, 1)
      }
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        try await client.expect("Echo", answer: [1])
        try await Self.within(.seconds(100)) { try await client.expect("Echo", answer: [1]) }
        try await Self.within(.seconds(100)) {
          try await client.expect("Echo", options: .options(timeout: .seconds(10)), answer: [1])
        }
        try await Self.within(.seconds(10)) {
          try await client.expect("Echo", options: .options(timeout: .seconds(100)), answer: [1])
        }
      }
    }
    let timeouts = seen.withLock { $0 }
    try #require(timeouts.count == 4)
    #expect(timeouts[0] == nil)
    for (timeout, most) in zip(timeouts.dropFirst(), [100, 10, 10] as [Int64]) {
      #expect(timeout.map { $0 > .zero && $0 <= .seconds(most) } == true)
    }
  }

  @Test("A call that is not answered in time ends, and its server receives CANCEL")
  func silentServer() async throws {
    try await RawPeer.listen { peer in
      let id = try await peer.nextRequest()
      _ = try await peer.read { $0.closeCode(id) == .cancel }
      try await QueuedCallTests.serve(peer, after: id, answer: 1)
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        let error = await Self.within(.milliseconds(50)) { await rpcError { _ = try await client.call("Echo") } }
        #expect(error?.code == .deadlineExceeded)
        // The server answers others once it has received that.
        try await client.expect("Echo", answer: [1])
      }
    }
  }

  @Test("The deadline holds while a retry waits that the server put off, and while no connection can be had")
  func waiting() async throws {
    let flaky = RetryPolicyTests.Flaky()
    let service = flaky.service(code: .unavailable, failures: .max, metadata: ["grpc-retry-pushback-ms": "3600000"])
    try await withLoopback(service, client: RetryPolicyTests.retrying()) { client in
      // Until it has come in time for the server to put its retry off.
      try await eventually(until: {
        let error = await Self.within(.milliseconds(200)) { await rpcError { _ = try await client.call("Flaky") } }
        #expect(error?.code == .deadlineExceeded)
        return flaky.executions.value > 0
      })
    }
    let nowhere = RetryPolicyTests.retrying(backoff: .seconds(3600))
    try await withClient([.host("127.0.0.1", port: 1)], configuration: nowhere) { client in
      for options in [CallOptions.defaults, .options(waitForReady: true)] {
        let error = await Self.within(.milliseconds(50)) {
          await rpcError { _ = try await client.call("Echo", options: options) }
        }
        #expect(error?.code == .deadlineExceeded)
      }
    }
  }

  @Test("A call whose deadline has passed already is not sent")
  func over() async throws {
    let executions = Counter()
    let service = TestService([
      "Count": { _, _ in
        executions.add()
        return StreamingServerResponse { writer in
          try await writer.write([1])
          return [:]
        }
      }
    ])
    try await withLoopback(service) { client in
      try await client.expect("Count", answer: [1])
      let error = await Self.within(.seconds(-1)) { await rpcError { _ = try await client.call("Count") } }
      #expect(error?.code == .deadlineExceeded)
      try await client.expect("Count", answer: [1])
    }
    #expect(executions.value == 2)
  }

  @Test("A method's timeout in the service config is kept by the transport")
  func methodTimeout() async throws {
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.serviceConfig = ServiceConfig(
      methodConfig: [MethodConfig(names: [.init(service: TestService.name)], timeout: .milliseconds(50))])
    let transport = try Nghttp2ClientTransport(endpoints: [anyPort], configuration: configuration)
    let left = try #require(transport.config(forMethod: TestService.method("Wait")))
    #expect(left.timeout == nil)
    let waiting = DeadlineAndCancellationTests.Waiting()
    try await withLoopback(waiting.service, client: configuration) { client in
      #expect(await rpcError { _ = try await client.call("Wait") }?.code == .deadlineExceeded)
    }
    await waiting.taskCancelled.wait()
  }
}
