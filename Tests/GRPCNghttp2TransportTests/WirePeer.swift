import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// A client made of bare frames: it does nothing by itself but what it is told to.
final class WirePeer {
  private(set) var frames: [WireFrame] = []
  private(set) var isClosed = false
  var answersPings = true
  var acknowledgesSettings = true
  private var unread: ArraySlice<UInt8> = []
  private var inbound: AsyncStream<ByteBuffer>.AsyncIterator
  private let channel: any Channel

  private init(_ socket: RawSocket) {
    self.inbound = socket.inbound.makeAsyncIterator()
    self.channel = socket.channel
  }

  /// Connects for the time of `body`; it has said nothing yet.
  static func connect<Result: Sendable>(
    to endpoint: SocketEndpoint, tls: NIOSSLContext? = nil, _ body: @Sendable (WirePeer) async throws -> Result
  ) async throws -> Result {
    guard case .host(let host, let port) = endpoint else { throw TimedOut() }
    let socket = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: host, port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: nil))
          }
          return try RawSocket(channel)
        }
      }
    defer { socket.channel.close(promise: nil) }
    return try await body(WirePeer(socket))
  }

  /// Sends the preface and SETTINGS, and waits for the server's.
  func handshake(settings: [(UInt16, UInt32)] = []) async throws {
    try await self.sendRaw(WireFrame.preface)
    try await self.send(.settings(settings))
    _ = try await self.read { $0.frames.contains { $0.type == 4 && $0.flags == 0 } }
  }

  /// Leaves what comes from now on in the socket.
  func stopReading() async throws {
    try await self.channel.setOption(.autoRead, value: false).get()
  }

  func send(_ frames: WireFrame...) async throws {
    try await self.sendRaw(frames.flatMap(\.bytes))
  }

  func sendRaw(_ bytes: [UInt8]) async throws {
    try await self.channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
  }

  /// Sends until the server has closed the connection, but at most `limit` times; returns whether it has.
  func flood(_ frames: [WireFrame], limit: Int) async throws -> Bool {
    let bytes = frames.flatMap(\.bytes)
    for _ in 0..<limit {
      do {
        try await self.sendRaw(bytes)
      } catch {
        return true
      }
    }
    // The server answers this once it has read all of it.
    let last: [UInt8] = [0xff, 0, 0, 0, 0, 0, 0, 0xff]
    let answers = self.frames.count { $0.type == 6 && $0.payload == last }
    guard (try? await self.send(.ping(last))) != nil else { return true }
    return !(try await self.read { $0.frames.count { $0.type == 6 && $0.payload == last } > answers })
  }

  /// Reads until `condition` holds; false when the connection closed before.
  func read(until condition: (WirePeer) -> Bool) async throws -> Bool {
    while !condition(self) {
      guard let bytes = await self.inbound.next() else {
        self.isClosed = true
        return false
      }
      self.unread += Array(bytes.readableBytesView)
      while let frame = WireFrame(takingFrom: &self.unread) {
        self.frames.append(frame)
        // The server may have closed already.
        if self.answersPings, frame.type == 6, frame.flags == 0 {
          try? await self.send(.ping(isAnswer: true, frame.payload))
        }
        if self.acknowledgesSettings, frame.type == 4, frame.flags == 0 {
          try? await self.send(.settingsAcknowledgement)
        }
      }
    }
    return true
  }

  /// Reads until the server has closed the connection.
  func readToClose() async throws {
    _ = try await self.read { _ in false }
  }

  /// Forgets the frames so far.
  func forget() {
    self.frames = []
  }

  /// The code of the last GOAWAY.
  var goAwayCode: HTTP2ErrorCode? {
    self.frames.last { $0.type == 7 }.map { frame in
      HTTP2ErrorCode(rawValue: frame.payload[4..<8].reduce(0) { $0 << 8 | UInt32($1) })
    }
  }

  /// The words of the last GOAWAY.
  var goAwayText: String? {
    self.frames.last { $0.type == 7 }.map { String(decoding: $0.payload.dropFirst(8), as: UTF8.self) }
  }

  var pings: Int { self.frames.count { $0.type == 6 && $0.flags == 0 } }

  func isEnded(_ streamID: UInt32) -> Bool {
    self.frames.contains { $0.streamID == streamID && ($0.type == 3 || $0.type <= 1 && $0.flags & 1 != 0) }
  }

  func resetCode(_ streamID: UInt32) -> HTTP2ErrorCode? {
    self.frames.first { $0.type == 3 && $0.streamID == streamID }.map { frame in
      HTTP2ErrorCode(rawValue: frame.payload.reduce(0) { $0 << 8 | UInt32($1) })
    }
  }
}

/// Lets a peer do its worst to a server whose only event loop also carries a good client's calls, which must all succeed.
func withBadPeer<Result: Sendable>(
  _ service: TestService = TestService(), configuration: Nghttp2ServerConfiguration = .defaults,
  _ body: @Sendable (WirePeer) async throws -> Result
) async throws -> Result {
  let transport = Nghttp2ServerTransport(
    listeningOn: anyPort, configuration: configuration,
    eventLoopGroup: MultiThreadedEventLoopGroup.singleton.next(), logger: Logger(label: "test"))
  return try await withGRPCServer(transport: transport, services: [service]) { _ in
    let endpoint = try await transport.boundEndpoint
    return try await withClient([endpoint]) { client in
      try await client.expect("Echo", [1], answer: [1])
      let isOver = Event()
      async let calls = callUntil(isOver, client)
      let result: Result
      do {
        defer { isOver.happen() }
        result = try await WirePeer.connect(to: endpoint, body)
      }
      #expect(try await calls > 0)
      try await client.expect("Echo", [2], answer: [2])
      return result
    }
  }
}

/// Makes at least one call, and more until the event; returns how many succeeded.
private func callUntil(_ isOver: Event, _ client: TestClient) async throws -> Int {
  var calls = 0
  repeat {
    try await client.expect("Echo", [3], answer: [3])
    calls += 1
  } while !isOver.hasHappened
  return calls
}
