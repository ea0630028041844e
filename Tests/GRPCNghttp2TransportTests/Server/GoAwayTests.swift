import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct GoAwayTests {
  @Test("A call that reaches a server after it has settled on its last isn't run, and that one is answered")
  func lateCall() async throws {
    let late = Counter()
    let service = TestService([
      "Late": { _, _ in
        late.add()
        return StreamingServerResponse { _ in [:] }
      }
    ])
    try await withServer(service) { server, endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        peer.answersPings = false
        try await peer.handshake()
        try await peer.send(.headers(1, WireFrame.request(method: "Collect")))
        server.beginGracefulShutdown()
        #expect(try await peer.read { $0.pings == 1 })
        let ping = try #require(peer.frames.last { $0.type == 6 }).payload
        // Comes at once, but is more than the server reads at once: it reads the first part, in which the answer tells
        // it to refuse further calls, and then the rest before it sends anything.
        let message = try MessageFraming.frame([UInt8](repeating: 7, count: 2500), limit: .max)
        try await peer.send(
          .ping(isAnswer: true, ping), .data(1, message), .headers(3, WireFrame.request(method: "Late"), flags: 5))
        try await peer.send(.data(1, flags: 1))
        try await peer.readToClose()
        let lastStreamIDs = peer.frames.filter { $0.type == 7 }.map {
          $0.payload.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        }
        #expect(lastStreamIDs == [Int(Int32.max), 1])
        #expect(peer.isEnded(1) && peer.resetCode(1) == nil)
        #expect(!peer.frames.contains { $0.streamID == 3 })
        #expect(late.value == 0)
      }
    }
  }
}
