package import GRPCNghttp2Transport
package import HTTP2Session
import NIOCore
package import NIOSSL
import TestSupport

/// The other end of a connection, driven by hand so that it can do what a good peer never does.
package final class RawPeer {
  package private(set) var events: [HTTP2Event] = []
  package private(set) var isClosed = false
  /// Whether the other side may send more for what came.
  package var opensWindows = true
  /// The pings of the other side that were read, as far as none was split between two reads.
  package private(set) var pings = 0
  private var payloads: [Int32: [UInt8]] = [:]
  /// The streams that ``nextRequest(after:)`` has returned.
  private var returned: Set<Int32> = []
  private var session: HTTP2Session
  private var inbound: AsyncStream<ByteBuffer>.AsyncIterator
  private let channel: any Channel

  private init(role: HTTP2Role, configuration: HTTP2Configuration, socket: RawSocket) throws {
    self.session = try HTTP2Session(role: role, configuration: configuration)
    self.inbound = socket.inbound.makeAsyncIterator()
    self.channel = socket.channel
  }

  /// Connects to a server for the time of `body`.
  package static func connect<Result: Sendable>(
    to endpoint: SocketEndpoint, configuration: HTTP2Configuration = HTTP2Configuration(),
    _ body: @Sendable (RawPeer) async throws -> Result
  ) async throws -> Result {
    try await RawSocket.connect(to: endpoint) { socket in
      try await body(RawPeer(role: .client, configuration: configuration, socket: socket))
    }
  }

  /// Listens while `body` runs, and handles every connection with `serve`.
  package static func listen(
    configuration: HTTP2Configuration = HTTP2Configuration(), tls: NIOSSLContext? = nil, receiveBuffer: Int? = nil,
    serve: @escaping @Sendable (RawPeer) async throws -> Void,
    _ body: (SocketEndpoint) async throws -> Void
  ) async throws {
    let serveSocket: @Sendable (RawSocket) async throws -> Void = { socket in
      try await serve(RawPeer(role: .server, configuration: configuration, socket: socket))
    }
    try await RawSocket.listen(tls: tls, receiveBuffer: receiveBuffer, serve: serveSocket, body)
  }

  /// Uses the session and sends what that made.
  package func send<Result>(_ body: (inout HTTP2Session) throws -> Result) async throws -> Result {
    let result = try body(&self.session)
    try await self.flush()
    return result
  }

  /// Sends bytes past the session.
  package func sendRaw(_ bytes: [UInt8]) async throws {
    try await self.channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
  }

  /// Leaves what comes from now on to the socket's buffers.
  package func stopReading() async throws {
    try await self.channel.setOption(.autoRead, value: false).get()
  }

  /// Opens a call and returns its stream; fields given replace the usual ones of the same name.
  package func request(
    _ fields: [HTTP2Field] = [], method: String = "Echo", endStream: Bool = false
  ) async throws -> Int32 {
    let usual = WireFrame.request(method: method)
    let merged = usual.map { field in fields.first { $0.name == field.name } ?? field }
    let extra = fields.filter { field in !usual.contains { $0.name == field.name } }
    return try await self.send { try $0.submitRequest(merged + extra, endStream: endStream) }
  }

  /// Sends a whole request in one burst: headers, `body`, trailers; without a body the headers end it.
  package func call(
    _ fields: [HTTP2Field] = [], method: String = "Echo", body: [UInt8]?, trailers: [HTTP2Field]? = nil
  ) async throws -> Int32 {
    try await self.send { session in
      let id = try session.submitRequest(WireFrame.request(method: method, fields), endStream: body == nil)
      if let body {
        try session.write(streamID: id, bytes: body)
        try session.finish(streamID: id, trailers: trailers)
      }
      return id
    }
  }

  /// Sends the headers of a response, and a message if given.
  package func respond(_ streamID: Int32, message: [UInt8]? = nil) async throws {
    try await self.send { session in
      try session.submitResponse(
        streamID: streamID, fields: [HTTP2Field(":status", "200"), HTTP2Field("content-type", "application/grpc")])
      if let message {
        try session.write(streamID: streamID, bytes: MessageFraming.frame(message, limit: .max))
      }
    }
  }

  /// Reads until `condition` holds; false when the connection closed before.
  package func read(until condition: (RawPeer) -> Bool) async throws -> Bool {
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

  /// Returns once the other side has read everything sent so far.
  package func roundTrip() async throws {
    let payload = UInt64.random(in: 0 ... .max)
    try await self.send { try $0.ping(payload: payload) }
    _ = try await self.read { $0.events.contains(.pingAcknowledged(payload: payload)) }
  }

  /// Reads until the stream is closed and returns its last section.
  package func readToEnd(_ streamID: Int32) async throws -> [HTTP2Field] {
    _ = try await self.read { $0.closeCode(streamID) != nil || $0.hasEnded(streamID) }
    return self.sections(streamID).last ?? []
  }

  /// Reads until a stream of the client's is open and its side has ended; returns it, once.
  ///
  /// Of calls that are made at the same time the later stream may end first: after one that was returned comes any
  /// other, after another number a higher one.
  package func nextRequest(after previous: Int32 = 0) async throws -> Int32 {
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

  package func sections(_ streamID: Int32) -> [[HTTP2Field]] {
    self.events.compactMap { if case .headers(streamID, let fields, _) = $0 { Array(fields) } else { nil } }
  }

  package func hasEnded(_ streamID: Int32) -> Bool {
    self.events.contains {
      switch $0 {
      case .headers(streamID, _, endStream: true), .endStream(streamID): true
      default: false
      }
    }
  }

  package func closeCode(_ streamID: Int32) -> HTTP2ErrorCode? {
    for case .streamClosed(streamID, let code) in self.events { return code }
    return nil
  }

  /// What can't be sent yet on a stream.
  package func pendingBytes(_ streamID: Int32) -> Int {
    self.session.pendingBytes(streamID: streamID)
  }

  package func payload(_ streamID: Int32) -> [UInt8] {
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

extension [HTTP2Field] {
  package subscript(_ name: String) -> String? {
    self.first { $0.name == name }?.value
  }
}
