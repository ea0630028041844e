import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Logging
import TestSupport
import Testing

/// What handlers hear of a server that is shutting down.
@Suite(.timeLimit(.minutes(1))) struct ShutdownNoticeTests {
  private let started = Event()
  private let handleCancelled = Event()
  private let mayAnswer = Event()

  /// `Told` notes when its handle is cancelled, and answers, when it may, with whether its task was and its handle is.
  /// `Look` answers with the latter at once.
  private var service: TestService {
    TestService([
      "Told": { _, context in
        await withRPCCancellationHandler {
          self.started.happen()
          await self.mayAnswer.wait()
        } onCancelRPC: {
          self.handleCancelled.happen()
        }
        return Self.answer(Task.isCancelled, context.cancellation.isCancelled)
      },
      "Look": { _, context in Self.answer(Task.isCancelled, context.cancellation.isCancelled) },
    ])
  }

  private static func answer(_ flags: Bool...) -> StreamingServerResponse<[UInt8]> {
    StreamingServerResponse { writer in
      try await writer.write(flags.map { $0 ? 1 : 0 })
      return [:]
    }
  }

  /// A framed answer.
  private static func framed(_ flags: UInt8...) throws -> [UInt8] {
    try MessageFraming.frame(flags, limit: .max)
  }

  @Test("A shutdown cancels the handle of each open call and not its task, and the call is answered")
  func openCall() async throws {
    try await withServer(self.service) { server, endpoint in
      try await withClient([endpoint]) { client in
        async let answer = client.call("Told")
        await self.started.wait()
        server.beginGracefulShutdown()
        await self.handleCancelled.wait()
        self.mayAnswer.happen()
        let flags = try await answer
        #expect(flags == [0, 1])
      }
    }
  }

  @Test("A call that begins before the client knows of the shutdown finds its handle cancelled, and is answered")
  func lateCall() async throws {
    try await withServer(self.service) { server, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let told = try await peer.request(method: "Told", endStream: true)
        await self.started.wait()
        server.beginGracefulShutdown()
        await self.handleCancelled.wait()
        // What the server sent is unread: the ping, whose answer makes it refuse calls, isn't answered.
        let late = try await peer.request(method: "Look", endStream: true)
        self.mayAnswer.happen()
        _ = try await peer.readToEnd(told)
        _ = try await peer.readToEnd(late)
        #expect(peer.payload(told) == (try Self.framed(0, 1)))
        #expect(peer.payload(late) == (try Self.framed(0, 1)))
      }
    }
  }

  @Test("The drain of a connection that is too old cancels nothing")
  func oldConnection() async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.maxConnectionAge = ConnectionLimitTests.long
    try await withServer(self.service, configuration: configuration) { _, endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        try await peer.handshake()
        try await peer.send(.headers(1, WireFrame.request(method: "Told"), flags: 5))
        #expect(try await peer.read { $0.frames.count { $0.type == 7 } == 2 })
        self.mayAnswer.happen()
        #expect(try await peer.read { $0.isEnded(1) })
        let answer = peer.frames.filter { $0.type == 0 }.flatMap(\.payload)
        #expect(answer == (try Self.framed(0, 0)))
      }
    }
  }

  @Test("A call that is given up after the shutdown began has its task cancelled, too")
  func givenUp() async throws {
    let waiting = DeadlineAndCancellationTests.Waiting()
    try await withServer(waiting.service) { server, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request(method: "Wait")
        await waiting.started.wait()
        server.beginGracefulShutdown()
        await waiting.handleCancelled.wait()
        #expect(!waiting.taskCancelled.hasHappened)
        try await peer.send { try $0.reset(streamID: id, code: .cancel) }
        await waiting.taskCancelled.wait()
      }
    }
  }

  @Test("A handler that is told of the shutdown isn't one that was given up")
  func notAbandoned() async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.maxConcurrentStreams = 1
    let transport = Nghttp2ServerTransport(
      listeningOn: anyPort, configuration: configuration, logger: Logger(label: "test"))
    let started = Counter()
    let (gate, opener) = AsyncStream<Void>.makeStream()
    let run = Task {
      try await transport.listen { stream, context in
        started.add()
        try? await context.cancellation.cancelled
        try? await stream.outbound.write(.status(Status(code: .ok, message: ""), [:]))
        // Goes on after its answer.
        for await _ in gate {}
      }
    }
    try await WirePeer.connect(to: transport.boundEndpoint) { peer in
      // So that the server goes on taking calls.
      peer.answersPings = false
      try await peer.handshake()
      try await peer.send(.headers(1, flags: 5))
      try await eventually(until: { started.value == 1 })
      transport.beginGracefulShutdown()
      #expect(try await peer.read { $0.isEnded(1) })
      try await peer.send(.headers(3, flags: 5))
      #expect(try await peer.read { $0.isEnded(3) })
      #expect(peer.resetCode(3) == nil)
      #expect(started.value == 2)
    }
    opener.finish()
    try await run.value
  }
}
