import HTTP2Session
import HTTP2TestSupport
import NIOCore

/// One connection of an ``ImpoliteServer``.
///
/// `@unchecked Sendable`: its variables are used on its event loop only.
final class ImpoliteConnection: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum Phase {
    case serving
    /// It begins nothing.
    case stalled
    /// Streams above the last one are nobody's.
    case left(last: Int32)
  }

  static let maxCalls = 32
  private let server: ImpoliteServer
  private let eventLoop: any EventLoop
  private var session: HTTP2Session
  private var context: ChannelHandlerContext?
  private var phase = Phase.serving
  private var payloads: [Int32: [UInt8]] = [:]
  /// The calls that came while it was stalled.
  private var held: [(streamID: Int32, id: UInt32)] = []
  private var lastBegun: Int32 = 0

  init(_ server: ImpoliteServer, _ eventLoop: any EventLoop) throws {
    var configuration = HTTP2Configuration()
    configuration.maxConcurrentStreams = UInt32(Self.maxCalls)
    self.server = server
    self.eventLoop = eventLoop
    self.session = try HTTP2Session(role: .server, configuration: configuration)
  }

  /// Begins no call any more; from any thread.
  func stall() {
    self.eventLoop.execute { self.phase = .stalled }
  }

  /// How many calls are stalled here: once as many as it takes, its client has to hold others back; from any thread.
  var heldCount: Int {
    get async throws {
      try await self.eventLoop.submit { self.held.count }.get()
    }
  }

  /// Sends the one and only GOAWAY, past the session, which would name the last stream that came (RFC 9113 section
  /// 6.8); from any thread.
  func leave() {
    self.eventLoop.execute {
      self.phase = .left(last: self.lastBegun)
      self.flush()
      let last = (0..<4).map { UInt8(truncatingIfNeeded: self.lastBegun >> (24 - 8 * Int32($0))) }
      self.write(WireFrame(type: 7, payload: last + [0, 0, 0, 0]).bytes)
      for call in self.held {
        self.begin(call.streamID, call.id)
      }
    }
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
  }

  func channelActive(context: ChannelHandlerContext) {
    self.flush()
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    self.server.closed(self)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = self.unwrapInboundIn(data)
    do {
      try bytes.withUnsafeReadableBytes { try self.receive($0) }
      self.flush()
    } catch {
      context.close(promise: nil)
    }
  }

  private func receive(_ bytes: UnsafeRawBufferPointer) throws {
    try self.session.receive(bytes)
    for event in self.session.takeEvents() {
      switch event {
      case .data(let streamID, let range):
        self.payloads[streamID, default: []] += bytes[range]
        try self.session.consumeConnection(count: range.count)
      case .endStream(let streamID):
        try self.received(streamID)
      default:
        break
      }
    }
  }

  /// A call has come completely.
  private func received(_ streamID: Int32) throws {
    // Behind the prefix of its only message.
    let id = ExecutionLedger.id((self.payloads.removeValue(forKey: streamID) ?? []).dropFirst(5))
    if self.server.ledger.refuses(id) {
      try self.session.reset(streamID: streamID, code: .refusedStream)
    } else {
      self.begin(streamID, id)
    }
  }

  private func begin(_ streamID: Int32, _ id: UInt32) {
    switch self.phase {
    case .stalled:
      self.held.append((streamID, id))
      return
    case .left(let last) where streamID > last:
      self.server.ledger.leaveOut()
      return
    case .left, .serving:
      break
    }
    self.lastBegun = max(self.lastBegun, streamID)
    self.server.ledger.execute(id, by: self.server.index)
    self.eventLoop.scheduleTask(in: .milliseconds(5)) {
      let response = [HTTP2Field(":status", "200"), HTTP2Field("content-type", "application/grpc")]
      try? self.session.submitResponse(streamID: streamID, fields: response)
      try? self.session.write(streamID: streamID, bytes: [0, 0, 0, 0, 1, 1])
      try? self.session.finish(streamID: streamID, trailers: [HTTP2Field("grpc-status", "0")])
      self.flush()
    }
  }

  private func flush() {
    var bytes: [UInt8] = []
    do {
      try self.session.drain(into: &bytes)
    } catch {
      self.context?.close(promise: nil)
    }
    // What sending ended.
    _ = self.session.takeEvents()
    self.write(bytes)
  }

  private func write(_ bytes: [UInt8]) {
    guard let context = self.context, !bytes.isEmpty else { return }
    context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
  }
}
