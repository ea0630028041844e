package import GRPCNghttp2Transport
package import HTTP2Session
import NIOCore
package import NIOSSL

/// An end of a connection made of bare frames: but for pings and SETTINGS it does only what it is told to.
package final class WirePeer {
  package private(set) var frames: [WireFrame] = []
  package private(set) var isClosed = false
  package var answersPings = true
  package var acknowledgesSettings = true
  private var expectsPreface = false
  private var unread: ArraySlice<UInt8> = []
  private var inbound: AsyncStream<ByteBuffer>.AsyncIterator
  private let channel: any Channel

  private init(_ socket: RawSocket) {
    self.inbound = socket.inbound.makeAsyncIterator()
    self.channel = socket.channel
  }

  /// Connects for the time of `body`; it has said nothing yet.
  package static func connect<Result: Sendable>(
    to endpoint: SocketEndpoint, tls: NIOSSLContext? = nil, _ body: @Sendable (WirePeer) async throws -> Result
  ) async throws -> Result {
    try await RawSocket.connect(to: endpoint, tls: tls) { try await body(WirePeer($0)) }
  }

  /// Listens while `body` runs, sends `settings` on every connection unless they are nil, and goes on with `serve`.
  ///
  /// Such a peer answers neither pings nor SETTINGS by itself.
  package static func listen(
    settings: [(UInt16, UInt32)]? = [], serve: @escaping @Sendable (WirePeer) async throws -> Void,
    _ body: (SocketEndpoint) async throws -> Void
  ) async throws {
    let serveSocket: @Sendable (RawSocket) async throws -> Void = { socket in
      let peer = WirePeer(socket)
      peer.expectsPreface = true
      peer.answersPings = false
      peer.acknowledgesSettings = false
      if let settings { try? await peer.send(.settings(settings)) }
      try await serve(peer)
    }
    try await RawSocket.listen(serve: serveSocket, body)
  }

  /// Sends the preface and SETTINGS, and waits for the server's.
  package func handshake(settings: [(UInt16, UInt32)] = []) async throws {
    try await self.sendRaw(Wire.preface)
    try await self.send(.settings(settings))
    _ = try await self.read { $0.frames.contains { $0.isSettings } }
  }

  /// Leaves what comes from now on in the socket.
  package func stopReading() async throws {
    try await self.channel.setOption(.autoRead, value: false).get()
  }

  package func send(_ frames: WireFrame...) async throws {
    try await self.sendRaw(frames.flatMap(\.bytes))
  }

  package func sendRaw(_ bytes: [UInt8]) async throws {
    try await self.channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
  }

  /// Sends nothing more; what comes can still be read.
  package func endOutput() async throws {
    try await self.channel.close(mode: .output).get()
  }

  /// Sends until the server has closed the connection, but at most `limit` times; returns whether it has.
  package func flood(_ frames: [WireFrame], limit: Int) async throws -> Bool {
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

  /// Returns once the other side has read everything sent so far, and what it had to send before that has come.
  package func roundTrip() async throws {
    let answers = self.frames.count { $0.isPingAck }
    try await self.send(.ping())
    _ = try await self.read { $0.frames.count { $0.isPingAck } > answers }
  }

  /// Reads until `condition` holds; false when the connection closed before.
  @discardableResult
  package func read(until condition: (WirePeer) -> Bool) async throws -> Bool {
    while !condition(self) {
      guard let bytes = await self.inbound.next() else {
        self.isClosed = true
        return false
      }
      self.unread += Array(bytes.readableBytesView)
      if self.expectsPreface {
        guard self.unread.count >= Wire.preface.count else { continue }
        self.unread = self.unread.dropFirst(Wire.preface.count)
        self.expectsPreface = false
      }
      while let frame = WireFrame(takingFrom: &self.unread) {
        self.frames.append(frame)
        // The server may have closed already.
        if self.answersPings, frame.isPing {
          try? await self.send(.ping(isAnswer: true, frame.payload))
        }
        if self.acknowledgesSettings, frame.isSettings {
          try? await self.send(.settingsAcknowledgement)
        }
      }
    }
    return true
  }

  /// Reads until the other side has closed the connection.
  package func readToClose() async throws {
    try await self.read { _ in false }
  }

  /// Forgets the frames so far.
  package func forget() {
    self.frames = []
  }

  /// The code of the last GOAWAY.
  package var goAwayCode: HTTP2ErrorCode? {
    self.frames.last { $0.type == 7 }?.goAwayCode
  }

  /// The words of the last GOAWAY.
  package var goAwayText: String? {
    self.frames.last { $0.type == 7 }.map { String(decoding: $0.payload.dropFirst(8), as: UTF8.self) }
  }

  package var pings: Int { self.frames.count { $0.isPing } }

  package func isEnded(_ streamID: UInt32) -> Bool {
    self.frames.contains { $0.streamID == streamID && ($0.type == 3 || $0.type <= 1 && $0.flags & 1 != 0) }
  }

  package func resetCode(_ streamID: UInt32) -> HTTP2ErrorCode? {
    self.frames.first { $0.type == 3 && $0.streamID == streamID }?.resetCode
  }
}
