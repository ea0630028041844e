import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Synchronization
import Testing

/// The tasks that handlers run in, several in one as long as none of them waits.
@Suite(.timeLimit(.minutes(1))) struct HandlerTaskTests {
  /// In which task each call's handler ran, by the method's name.
  final class Tasks: Sendable {
    private let tasks = Mutex<[String: Int]>([:])

    subscript(method: String) -> Int? { self.tasks.withLock { $0[method] } }

    func note(_ method: String) {
      let task = withUnsafeCurrentTask { $0?.hashValue }
      self.tasks.withLock { $0[method] = task }
    }
  }

  let tasks = Tasks()
  let isCancelled = Event()
  let mayAnswer = Event()

  /// `First` and `Fourth` don't wait, `Second` waits until it is cancelled, and `Third` until it may answer, with
  /// whether it was cancelled.
  var service: TestService {
    let atOnce = { (method: String) -> TestService.Handler in
      { _, _ in
        self.tasks.note(method)
        return StreamingServerResponse { _ in [:] }
      }
    }
    return TestService([
      "First": atOnce("First"),
      "Second": { _, _ in
        self.tasks.note("Second")
        try? await Task.sleep(for: .seconds(600))
        if Task.isCancelled { self.isCancelled.happen() }
        throw RPCError(code: .cancelled, message: "")
      },
      "Third": { _, context in
        self.tasks.note("Third")
        await self.mayAnswer.wait()
        let wasCancelled = Task.isCancelled || context.cancellation.isCancelled
        return StreamingServerResponse { writer in
          try await writer.write([wasCancelled ? 1 : 0])
          return [:]
        }
      },
      "Fourth": atOnce("Fourth"),
    ])
  }

  @Test("Of calls that begin together, one that waits delays none, and its cancellation cancels no other")
  func together() async throws {
    try await withServer(self.service) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        // The connection is set up, so that what is sent next comes in one piece.
        let before = try await peer.request(endStream: true)
        #expect(try await peer.readToEnd(before)["grpc-status"] == "0")
        let calls = try await peer.send { session in
          try ["First", "Second", "Third", "Fourth"].map { method in
            try session.submitRequest(
              [
                HTTP2Field(":method", "POST"), HTTP2Field(":scheme", "http"), HTTP2Field(":authority", "test"),
                HTTP2Field(":path", "/test.Service/\(method)"), HTTP2Field("content-type", "application/grpc"),
              ], endStream: true)
          }
        }
        #expect(try await peer.readToEnd(calls[0])["grpc-status"] == "0")
        #expect(try await peer.readToEnd(calls[3])["grpc-status"] == "0")
        try await peer.send { try $0.reset(streamID: calls[1], code: .cancel) }
        await self.isCancelled.wait()
        self.mayAnswer.happen()
        #expect(try await peer.readToEnd(calls[2])["grpc-status"] == "0")
        #expect(peer.payload(calls[2]) == [0, 0, 0, 0, 1, 0])
      }
    }
    #expect(self.tasks["Second"] != self.tasks["Third"])
    #expect(self.tasks["Third"] != self.tasks["Fourth"])
  }
}
