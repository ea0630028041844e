import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct DeadlineAndCancellationTests {
  /// A service with methods that wait until they are cancelled, and what became of it.
  struct Waiting {
    let started = Event()
    let handleCancelled = Event()
    let taskCancelled = Event()

    var service: TestService {
      TestService([
        "Wait": { _, context in
          await self.untilCancelled(context)
          throw RPCError(code: .cancelled, message: "")
        },
        "WriteAndWait": { _, context in
          StreamingServerResponse { writer in
            try await writer.write([7])
            await self.untilCancelled(context)
            return [:]
          }
        },
      ])
    }

    private func untilCancelled(_ context: ServerContext) async {
      await withRPCCancellationHandler {
        self.started.happen()
        // Ends by task cancellation only.
        try? await Task.sleep(for: .seconds(600))
        if Task.isCancelled { self.taskCancelled.happen() }
      } onCancelRPC: {
        self.handleCancelled.happen()
      }
      #expect(context.cancellation.isCancelled)
    }
  }

  @Test("The server itself answers DEADLINE_EXCEEDED and cancels the handler")
  func serverDeadline() async throws {
    let waiting = Waiting()
    try await withServer(waiting.service) { _, endpoint in
      let trailers = try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request([HTTP2Field("grpc-timeout", "20m")], method: "Wait")
        return try await peer.readToEnd(id)
      }
      #expect(trailers["grpc-status"] == "4")
      await waiting.handleCancelled.wait()
      await waiting.taskCancelled.wait()
    }
  }

  @Test("A deadline that passes within a response ends it after what was written, and cancels the handler")
  func deadlineWithinResponse() async throws {
    let waiting = Waiting()
    try await withServer(waiting.service) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        var id: Int32
        // On a busy machine it may pass before the message is written; then the call is made again.
        repeat {
          id = try await peer.request([HTTP2Field("grpc-timeout", "200m")], method: "WriteAndWait")
          try #require(try await peer.readToEnd(id)["grpc-status"] == "4")
        } while peer.payload(id).isEmpty
        #expect(peer.payload(id) == (try MessageFraming.frame([7], limit: 10)))
        #expect(peer.sections(id).count == 2)
      }
      await waiting.handleCancelled.wait()
      await waiting.taskCancelled.wait()
    }
  }

  @Test("The client enforces its deadline, and the server hears of the cancellation")
  func clientDeadline() async throws {
    let waiting = Waiting()
    try await withLoopback(waiting.service) { client in
      // A deadline may pass before the call is even sent; then it is made again.
      while !waiting.started.hasHappened {
        let error = await rpcError { _ = try await client.call("Wait", options: .options(timeout: .milliseconds(50))) }
        #expect(error?.code == .deadlineExceeded)
      }
      await waiting.handleCancelled.wait()
    }
  }

  @Test("A client's deadline holds against a server that never answers")
  func silentServer() async throws {
    try await RawPeer.listen { peer in
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        let error = await rpcError { _ = try await client.call("Echo", options: .options(timeout: .milliseconds(30))) }
        #expect(error?.code == .deadlineExceeded)
      }
    }
  }

  @Test("Handlers see the deadline, and calls within it succeed")
  func deadlineInContext() async throws {
    let service = TestService([
      "Remaining": { request, context in
        #expect(Array(request.metadata[stringValues: "grpc-timeout"]).isEmpty)
        let remaining = context.deadline.map { ContinuousClock.now.duration(to: $0) }
        return StreamingServerResponse { writer in
          try await writer.write(remaining.map { $0 > .zero && $0 <= .seconds(30) ? [1] : [2] } ?? [0])
          return [:]
        }
      }
    ])
    try await withLoopback(service) { client in
      try await client.expect("Remaining", options: .options(timeout: .seconds(30)), answer: [1])
      try await client.expect("Remaining", answer: [0])
    }
  }

  @Test("A request that ends in cancellation ends its call with CANCELLED")
  func cancelledRequest() async throws {
    try await withLoopback { client in
      let error = await rpcError {
        try await client.stream("Collect") { _ in
          throw CancellationError()
        } response: { response in
          for try await _ in response.messages {}
        }
      }
      #expect(error?.code == .cancelled)
    }
  }

  @Test("Cancelling the caller's task resets the stream and cancels the handler")
  func cancelCaller() async throws {
    let waiting = Waiting()
    try await withLoopback(waiting.service) { client in
      let call = Task { try await client.call("Wait") }
      await waiting.started.wait()
      call.cancel()
      await waiting.handleCancelled.wait()
      await waiting.taskCancelled.wait()
      await #expect(throws: (any Error).self) { try await call.value }
    }
  }

  @Test("A reset from the client cancels the handler and ends its reads and writes")
  func rawReset() async throws {
    let started = Event()
    let readFailed = Event()
    let writeFailed = Event()
    let service = TestService([
      "Read": { request, _ in
        StreamingServerResponse { writer in
          try await writer.write([1])
          started.happen()
          do {
            for try await _ in request.messages {}
          } catch {
            readFailed.happen()
          }
          do {
            try await writer.write([2])
          } catch {
            writeFailed.happen()
          }
          return [:]
        }
      }
    ])
    try await withServer(service) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request(method: "Read")
        _ = try await peer.read { !$0.payload(id).isEmpty }
        try await peer.send { try $0.reset(streamID: id, code: .cancel) }
        await readFailed.wait()
        await writeFailed.wait()
      }
    }
  }

  @Test("A client that disappears cancels its calls")
  func disconnect() async throws {
    let waiting = Waiting()
    try await withServer(waiting.service) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        _ = try await peer.request(method: "Wait")
        await waiting.started.wait()
      }
      await waiting.handleCancelled.wait()
    }
  }

  @Test("A caller that returns before the response is complete resets the stream")
  func leavesEarly() async throws {
    let cancelled = Event()
    let service = TestService([
      "Endless": { _, _ in
        StreamingServerResponse { writer in
          defer { cancelled.happen() }
          while true { try await writer.write([1]) }
        }
      }
    ])
    try await withLoopback(service) { client in
      let first = try await client.stream("Endless") { _ in
      } response: { response in
        var iterator = response.messages.makeAsyncIterator()
        return try await iterator.next()
      }
      #expect(first == [1])
      await cancelled.wait()
      try await client.expect("Echo", [3], answer: [3])
    }
  }

  @Test("A request that fails while it is made ends its call with that error")
  func producerThrows() async throws {
    try await withLoopback { client in
      let error = await rpcError {
        try await client.stream("Echo") { writer in
          try await writer.write([1])
          throw RPCError(code: .aborted, message: "changed my mind")
        } response: { response in
          for try await _ in response.messages {}
        }
      }
      #expect(error?.code == .aborted)
    }
  }
}
