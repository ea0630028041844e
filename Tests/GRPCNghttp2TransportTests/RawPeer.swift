import GRPCNghttp2Transport
import HTTP2Session
import NIOCore
import NIOPosix
import NIOSSL

/// The other end of a connection, driven by hand so that it can do what a good peer never does.
final class RawPeer {
  private(set) var events: [HTTP2Event] = []
  private(set) var isClosed = false
  /// Whether the other side may send more for what came.
  var opensWindows = true
  /// The pings of the other side that were read, as far as none was split between two reads.
  private(set) var pings = 0
  private var payloads: [Int32: [UInt8]] = [:]
  /// The streams that ``nextRequest(after:)`` has returned.
  private var returned: Set<Int32> = []
  private var session: HTTP2Session
  private var inbound: AsyncStream<ByteBuffer>.AsyncIterator
  private let channel: any Channel

  init(role: HTTP2Role, configuration: HTTP2Configuration, socket: RawSocket) throws {
    self.session = try HTTP2Session(role: role, configuration: configuration)
    self.inbound = socket.inbound.makeAsyncIterator()
    self.channel = socket.channel
  }

  /// Connects to a server for the time of `body`.
  static func connect<Result: Sendable>(
    to endpoint: SocketEndpoint, configuration: HTTP2Configuration = HTTP2Configuration(),
    _ body: @Sendable (RawPeer) async throws -> Result
  ) async throws -> Result {
    guard case .host(let host, let port) = endpoint else { throw TimedOut() }
    let socket = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: host, port: port) { channel in channel.eventLoop.makeCompletedFuture { try RawSocket(channel) } }
    defer { socket.channel.close(promise: nil) }
    return try await body(try RawPeer(role: .client, configuration: configuration, socket: socket))
  }

  /// Listens while `body` runs, and handles every connection with `serve`.
  static func listen(
    configuration: HTTP2Configuration = HTTP2Configuration(), tls: NIOSSLContext? = nil, receiveBuffer: Int? = nil,
    serve: @escaping @Sendable (RawPeer) async throws -> Void,
    _ body: (SocketEndpoint) async throws -> Void
  ) async throws {
    var bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    if let receiveBuffer {
      bootstrap = bootstrap.serverChannelOption(.socketOption(.so_rcvbuf), value: receiveBuffer)
    }
    let listener =
      try await bootstrap
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          }
          let socket = try RawSocket(channel)
          Task {
            // Ends with its connection, in whatever way that ends.
            try? await serve(try RawPeer(role: .server, configuration: configuration, socket: socket))
            socket.channel.close(promise: nil)
          }
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    defer { listener.close(promise: nil) }
    try await body(.host("127.0.0.1", port: listener.localAddress?.port ?? 0))
  }

  /// Uses the session and sends what that made.
  func send<Result>(_ body: (inout HTTP2Session) throws -> Result) async throws -> Result {
    let result = try body(&self.session)
    try await self.flush()
    return result
  }

  /// Sends bytes past the session.
  func sendRaw(_ bytes: [UInt8]) async throws {
    try await self.channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
  }

  /// Leaves what comes from now on to the socket's buffers.
  func stopReading() async throws {
    try await self.channel.setOption(.autoRead, value: false).get()
  }

  /// Opens a call and returns its stream; fields given replace the usual ones of the same name.
  func request(_ fields: [HTTP2Field] = [], method: String = "Echo", endStream: Bool = false) async throws -> Int32 {
    let usual = [
      HTTP2Field(":method", "POST"), HTTP2Field(":scheme", "http"), HTTP2Field(":path", "/test.Service/\(method)"),
      HTTP2Field(":authority", "test"), HTTP2Field("te", "trailers"), HTTP2Field("content-type", "application/grpc"),
    ]
    let merged = usual.map { field in fields.first { $0.name == field.name } ?? field }
    let extra = fields.filter { field in !usual.contains { $0.name == field.name } }
    return try await self.send { try $0.submitRequest(merged + extra, endStream: endStream) }
  }

  /// Sends the headers of a response, and a message if given.
  func respond(_ streamID: Int32, message: [UInt8]? = nil) async throws {
    try await self.send { session in
      try session.submitResponse(
        streamID: streamID, fields: [HTTP2Field(":status", "200"), HTTP2Field("content-type", "application/grpc")])
      if let message {
        try session.write(streamID: streamID, bytes: MessageFraming.frame(message, limit: .max))
      }
    }
  }

  /// Reads until `condition` holds; false when the connection closed before.
  func read(until condition: (RawPeer) -> Bool) async throws -> Bool {
    try await self.flush()
    while !condition(self) {
      guard let bytes = await self.inbound.next() else {
        self.isClosed = true
        return false
      }
      try self.receive(bytes)
      try await self.flush()
    }
    return true
  }

  /// Reads until the stream is closed and returns its last section.
  func readToEnd(_ streamID: Int32) async throws -> [HTTP2Field] {
    _ = try await self.read { $0.closeCode(streamID) != nil || $0.hasEnded(streamID) }
    return self.sections(streamID).last ?? []
  }

  /// Reads until a stream of the client's is open and its side has ended; returns it, once. Of calls that are made at the same
  /// time the later stream may end first: after one that was returned comes any other, after another number a higher one.
  func nextRequest(after previous: Int32 = 0) async throws -> Int32 {
    var found: Int32?
    _ = try await self.read { peer in
      let isAny = peer.returned.contains(previous)
      found = peer.streams.first { (isAny || $0 > previous) && !peer.returned.contains($0) && peer.hasEnded($0) }
      return found != nil
    }
    guard let found else { throw TimedOut() }
    self.returned.insert(found)
    return found
  }

  func sections(_ streamID: Int32) -> [[HTTP2Field]] {
    self.events.compactMap { if case .headers(streamID, let fields, _) = $0 { Array(fields) } else { nil } }
  }

  func hasEnded(_ streamID: Int32) -> Bool {
    self.events.contains {
      switch $0 {
      case .headers(streamID, _, endStream: true), .endStream(streamID): true
      default: false
      }
    }
  }

  func closeCode(_ streamID: Int32) -> HTTP2ErrorCode? {
    for case .streamClosed(streamID, let code) in self.events { return code }
    return nil
  }

  /// What can't be sent yet on a stream.
  func pendingBytes(_ streamID: Int32) -> Int {
    self.session.pendingBytes(streamID: streamID)
  }

  func payload(_ streamID: Int32) -> [UInt8] {
    self.payloads[streamID] ?? []
  }

  private var streams: [Int32] {
    self.events.compactMap { if case .headers(let streamID, _, _) = $0 { streamID } else { nil } }
  }

  private func receive(_ bytes: ByteBuffer) throws {
    var bytes = bytes
    let array = bytes.readBytes(length: bytes.readableBytes) ?? []
    self.pings += array.indices.count { array[$0...].starts(with: [0, 0, 8, 6, 0, 0, 0, 0, 0]) }
    var failure: HTTP2Error?
    array.withUnsafeBytes { buffer in
      do throws(HTTP2Error) { try self.session.receive(buffer) } catch { failure = error }
    }
    let new = self.session.takeEvents()
    for case .data(let streamID, let range) in new {
      self.payloads[streamID, default: []] += array[range]
      guard self.opensWindows else { continue }
      try self.session.consumeConnection(count: range.count)
      try self.session.consumeStream(streamID, count: range.count)
    }
    self.events += new
    if let failure { throw failure }
  }

  private func flush() async throws {
    var bytes: [UInt8] = []
    try self.session.drain(into: &bytes)
    self.events += self.session.takeEvents()
    if !bytes.isEmpty {
      try await self.channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }
  }
}

/// A channel whose received bytes are a stream.
struct RawSocket: Sendable {
  let channel: any Channel
  let inbound: AsyncStream<ByteBuffer>

  /// On the channel's event loop.
  init(_ channel: any Channel) throws {
    let (stream, continuation) = AsyncStream<ByteBuffer>.makeStream()
    self.channel = channel
    self.inbound = stream
    try channel.pipeline.syncOperations.addHandler(Forwarder(continuation: continuation))
  }

  private final class Forwarder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let continuation: AsyncStream<ByteBuffer>.Continuation

    init(continuation: AsyncStream<ByteBuffer>.Continuation) {
      self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      self.continuation.yield(self.unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) {
      self.continuation.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}

extension [HTTP2Field] {
  subscript(_ name: String) -> String? {
    self.first { $0.name == name }?.value
  }
}
