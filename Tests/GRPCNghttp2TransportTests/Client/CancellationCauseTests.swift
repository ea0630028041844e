import GRPCCore
import GRPCNghttp2Transport
import Logging
import Synchronization
import TestSupport
import Testing

/// What a call fails with whose caller's task was cancelled.
@Suite(.timeLimit(.minutes(1))) struct CancellationCauseTests {
  private func expectCancelled(_ error: RPCError?, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(error?.code == .cancelled, sourceLocation: sourceLocation)
    #expect(error?.cause is CancellationError, sourceLocation: sourceLocation)
  }

  @Test("A call that is cancelled while it waits for a connection says so, with the cancellation as its cause")
  func waiting() async throws {
    let gate = Event()
    let resolver = try NameResolutionTests.FakeResolver([], gate: gate)
    try await NameResolutionTests.client(resolver) { client in
      let call = Task { await rpcError { _ = try await client.call("Echo", options: .options(waitForReady: true)) } }
      try await eventually(until: { resolver.lookups.value == 1 })
      call.cancel()
      self.expectCancelled(await call.value)
      gate.happen()
    }
  }

  @Test("A call that is cancelled before it begins says so, with the cancellation as its cause")
  func before() async throws {
    try await withLoopback { client in
      let gate = Event()
      let call = Task {
        await gate.wait()
        return await rpcError { _ = try await client.call("Echo") }
      }
      call.cancel()
      gate.happen()
      self.expectCancelled(await call.value)
    }
  }

  @Test(
    "A call that is cancelled while it reads says so, with the cancellation as its cause", arguments: [false, true])
  func reading(withTimeout: Bool) async throws {
    let waiting = DeadlineAndCancellationTests.Waiting()
    try await withLoopback(waiting.service) { client in
      let options = CallOptions.options(timeout: withTimeout ? .seconds(600) : nil)
      let call = Task { await rpcError { _ = try await client.call("Wait", options: options) } }
      await waiting.started.wait()
      call.cancel()
      self.expectCancelled(await call.value)
    }
  }

  @Test("A call that is cancelled while it reads a response that has begun says so, with the cancellation as its cause")
  func readingMessages() async throws {
    let waiting = DeadlineAndCancellationTests.Waiting()
    try await withLoopback(waiting.service) { client in
      let received = Counter()
      let call = Task {
        await rpcError {
          try await client.stream("WriteAndWait") { _ in
          } response: { response in
            for try await _ in response.messages { received.add() }
          }
        }
      }
      try await eventually(until: { received.value == 1 })
      call.cancel()
      self.expectCancelled(await call.value)
    }
  }

  @Test("A call that is cancelled while flow control keeps it from writing says so, with the cancellation as its cause")
  func writing() async throws {
    let message = [UInt8](repeating: 1, count: 10_000)
    let gate = Event()
    let service = TestService([
      "Sink": { _, _ in
        await gate.wait()
        return StreamingServerResponse { _ in [:] }
      }
    ])
    try await withLoopback(service) { client in
      let started = Event()
      let written = Mutex<RPCError?>(nil)
      let call = Task {
        await rpcError {
          try await client.stream("Sink") { writer in
            started.happen()
            // Until a window and a watermark are full of messages that nobody reads.
            let error = await rpcError { while true { try await writer.write(message) } }
            written.withLock { $0 = error }
            if let error { throw error }
          } response: { response in
            for try await _ in response.messages {}
          }
        }
      }
      await started.wait()
      call.cancel()
      self.expectCancelled(await call.value)
      self.expectCancelled(written.withLock { $0 })
      gate.happen()
    }
  }

  @Test("A request that ends in cancellation ends its call with the cancellation as its cause")
  func request() async throws {
    try await withLoopback { client in
      let error = await rpcError {
        try await client.stream("Collect") { _ in
          throw CancellationError()
        } response: { response in
          for try await _ in response.messages {}
        }
      }
      self.expectCancelled(error)
    }
  }
}
