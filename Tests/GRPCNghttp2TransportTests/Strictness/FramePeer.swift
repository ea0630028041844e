import GRPCNghttp2Transport
import NIOCore
import NIOPosix

/// The other end of a connection, which speaks in frames of its own making.
final class FramePeer {
  private(set) var received: [SentFrame] = []
  private(set) var isClosed = false
  private var unread: [UInt8] = []
  private var inbound: AsyncStream<ByteBuffer>.AsyncIterator
  private let channel: any Channel

  private init(_ socket: RawSocket) {
    self.inbound = socket.inbound.makeAsyncIterator()
    self.channel = socket.channel
  }

  /// Connects to a server for the time of `body`, and begins rightly.
  static func connect(to endpoint: SocketEndpoint, _ body: (FramePeer) async throws -> Void) async throws {
    guard case .host(let host, let port) = endpoint else { throw TimedOut() }
    let socket = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: host, port: port) { channel in channel.eventLoop.makeCompletedFuture { try RawSocket(channel) } }
    defer { socket.channel.close(promise: nil) }
    let peer = FramePeer(socket)
    try await peer.send(Wire.preface + Wire.settings())
    try await peer.read { $0.contains { $0.type == 4 } }
    try await peer.send(Wire.settings(flags: .ack))
    try await body(peer)
  }

  /// Listens while `body` runs, begins every connection rightly unless `settings` is nil, and goes on with `serve`.
  static func listen(
    settings: [(id: UInt16, value: UInt32)]? = [], serve: @escaping @Sendable (FramePeer) async throws -> Void,
    _ body: (SocketEndpoint) async throws -> Void
  ) async throws {
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let socket = try RawSocket(channel)
          Task {
            let peer = FramePeer(socket)
            // Ends with its connection, in whatever way that ends.
            if let settings { try? await peer.send(Wire.settings(settings)) }
            try? await serve(peer)
            socket.channel.close(promise: nil)
          }
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    defer { listener.close(promise: nil) }
    try await body(.host("127.0.0.1", port: listener.localAddress?.port ?? 0))
  }

  func send(_ bytes: [UInt8]) async throws {
    try await self.channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
  }

  /// Sends nothing more; what comes can still be read.
  func endOutput() async throws {
    try await self.channel.close(mode: .output).get()
  }

  /// Returns once the other side has read everything sent so far, and what it had to send before that has come.
  func roundTrip() async throws {
    let answers = self.received.count { $0.isPingAck }
    try await self.send(Wire.ping())
    try await self.read { $0.count { $0.isPingAck } > answers }
  }

  /// Reads until `condition` holds for the frames received, or the other side has closed.
  func read(until condition: ([SentFrame]) -> Bool = { _ in false }) async throws {
    while !condition(self.received) {
      guard var bytes = await self.inbound.next() else {
        self.isClosed = true
        return
      }
      self.unread += bytes.readBytes(length: bytes.readableBytes) ?? []
      if self.unread.starts(with: Wire.preface) {
        self.unread.removeFirst(Wire.preface.count)
      }
      self.received += SentFrame.take(from: &self.unread)
    }
  }
}
