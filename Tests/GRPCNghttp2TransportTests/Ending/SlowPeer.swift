import GRPCNghttp2Transport
import HTTP2TestSupport
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport

/// A client of bare frames that reads as little as it wants to, and that doesn't close when the server has.
final class SlowPeer {
  /// What the last read brought.
  enum Read {
    case bytes
    /// The server writes no more.
    case end
    case lost
  }

  private(set) var frames: [WireFrame] = []
  private(set) var read = Read.bytes
  private var unread: ArraySlice<UInt8> = []
  private var inbound: AsyncStream<ByteBuffer>.AsyncIterator
  private let forwarder: Forwarder
  private let channel: any Channel

  /// The most that one read brings, in bytes.
  static let pieceBytes = 16_384

  private init(_ channel: any Channel, _ inbound: AsyncStream<ByteBuffer>, _ forwarder: Forwarder) {
    self.channel = channel
    self.inbound = inbound.makeAsyncIterator()
    self.forwarder = forwarder
  }

  /// Connects for the time of `body`, lets the server send as much as it likes, and makes call 1 of a method.
  static func call<Result: Sendable>(
    _ method: String, at endpoint: SocketEndpoint, tls: NIOSSLContext? = nil,
    _ body: @Sendable (SlowPeer) async throws -> Result
  ) async throws -> Result {
    guard case .host(let host, let port) = endpoint else { throw TimedOut() }
    let (inbound, continuation) = AsyncStream<ByteBuffer>.makeStream()
    let forwarder = Forwarder(continuation)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.socketOption(.so_rcvbuf), value: 65_536)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.maxMessagesPerRead, value: 1)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: self.pieceBytes))
      .connect(host: host, port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: nil))
          }
          try channel.pipeline.syncOperations.addHandler(forwarder)
          return channel
        }
      }
    defer { channel.close(promise: nil) }
    let peer = SlowPeer(channel, inbound, forwarder)
    let most = UInt32(Int32.max)
    let windows = WireFrame.settings([(4, most)])
    try await peer.send(Wire.preface, windows, .windowUpdate(0, most - 65_535))
    try await peer.send([], .headers(1, WireFrame.request(method: method), flags: 5))
    try await peer.read { $0.frames.contains { $0.type == 4 && $0.flags == 0 } }
    try await peer.send([], .settingsAcknowledgement)
    return try await body(peer)
  }

  func send(_ bytes: [UInt8], _ frames: WireFrame...) async throws {
    try await self.channel.writeAndFlush(ByteBuffer(bytes: bytes + frames.flatMap(\.bytes))).get()
  }

  /// Leaves what comes from now on in the socket, but for what ``readPiece()`` takes.
  func stopReading() async throws {
    try await self.channel.setOption(.autoRead, value: false).get()
  }

  /// Takes the next bytes, answers pings, and opens the windows for what came.
  func readPiece() async throws {
    self.channel.read()
    guard let bytes = await self.inbound.next() else {
      self.read = self.forwarder.hasEnded ? .end : .lost
      return
    }
    self.unread += Array(bytes.readableBytesView)
    while let frame = WireFrame(takingFrom: &self.unread) {
      self.frames.append(frame)
      if frame.type == 6, frame.flags == 0 {
        try await self.send([], .ping(isAnswer: true, frame.payload))
      } else if frame.type == 0, !frame.payload.isEmpty {
        let count = UInt32(frame.payload.count)
        try await self.send([], .windowUpdate(0, count), .windowUpdate(frame.streamID, count))
      }
    }
  }

  /// Reads until `condition` holds or the server's side has ended.
  func read(until condition: (SlowPeer) -> Bool) async throws {
    while case .bytes = self.read, !condition(self) {
      try await self.readPiece()
    }
  }

  var goAways: Int { self.frames.count { $0.type == 7 } }

  /// The bytes of the answer, the prefix of its message included.
  var answerBytes: Int { self.frames.reduce(0) { $0 + ($1.type == 0 ? $1.payload.count : 0) } }

  var hasTrailers: Bool { self.frames.contains { $0.type == 1 && $0.flags & 1 != 0 } }

  /// Used on the channel's event loop; `hasEnded` is read once `inbound` is at its end.
  private final class Forwarder: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer

    private let continuation: AsyncStream<ByteBuffer>.Continuation
    private(set) var hasEnded = false

    init(_ continuation: AsyncStream<ByteBuffer>.Continuation) {
      self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      self.continuation.yield(self.unwrapInboundIn(data))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if let event = event as? ChannelEvent, event == .inputClosed {
        self.hasEnded = true
        self.continuation.finish()
      }
    }

    func channelInactive(context: ChannelHandlerContext) {
      self.continuation.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}
