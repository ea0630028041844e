import HTTP2Session
import HTTP2TestSupport
import Testing

/// A session whose peer is written by hand.
///
/// It begins with stream 1 open both ways and one section received on it. For a client stream 3 is requested, too, and
/// has no response yet; for a server stream 3 is idle.
final class SessionUnderTest {
  private(set) var session: HTTP2Session
  private(set) var events: [RecordedEvent] = []
  private(set) var sent: [WireFrame] = []
  private var unread: [UInt8] = []
  private let chunkSize: Int

  static let requestFields = [
    HTTP2Field(":method", "POST"), HTTP2Field(":scheme", "http"), HTTP2Field(":path", "/a/b"),
    HTTP2Field(":authority", "test"),
  ]

  /// `chunkSize` is how many bytes are received at a time.
  init(
    _ role: HTTP2Role, configuration: HTTP2Configuration = HTTP2Configuration(), chunkSize: Int = .max,
    opensStreams: Bool = true
  ) throws {
    self.session = try HTTP2Session(role: role, configuration: configuration)
    self.chunkSize = chunkSize
    guard opensStreams else {
      try self.send()
      return
    }
    let greeting = Wire.settings() + Wire.settings(flags: .ack)
    switch role {
    case .server:
      try self.receive(Wire.preface + greeting + Wire.headers(1, Wire.request()))
    case .client:
      for _ in 0..<2 { _ = try self.session.submitRequest(Self.requestFields) }
      try self.receive(greeting)
      try self.receive(Wire.headers(1, Wire.response))
    }
    #expect(self.events.sections(1).count == 1)
  }

  func receive(_ bytes: [UInt8]) throws {
    // What was submitted is under way before anything answers it.
    try self.send()
    try deliver(bytes, to: &self.session, chunkSize: self.chunkSize, events: &self.events)
    try self.send()
  }

  func perform(_ step: Violation.Step) throws {
    switch step {
    case .peerSends(let bytes): try self.receive(bytes)
    case .ends(let id):
      if self.session.role == .server {
        try self.session.submitResponse(streamID: id, fields: [HTTP2Field(":status", "200")], endStream: true)
      } else {
        try self.session.finish(streamID: id)
      }
    case .resets(let id): try self.session.reset(streamID: id, code: .cancel)
    case .goesAway: try self.session.submitGoAway()
    }
    try self.send()
  }

  /// Uses the session, and sends what that made.
  func use(_ body: (inout HTTP2Session) throws -> Void) throws {
    try body(&self.session)
    try self.send()
  }

  /// Whether a ping is answered and a new call is taken.
  func isUsable() throws -> Bool {
    let start = self.sent.count
    let id: Int32
    if self.session.role == .server {
      id = 101
      try self.receive(Wire.ping() + Wire.headers(101, Wire.request(), flags: [.endHeaders, .endStream]))
    } else {
      id = try self.session.submitRequest(Self.requestFields, endStream: true)
      try self.send()
      try self.receive(Wire.ping() + Wire.headers(UInt32(id), Wire.response, flags: [.endHeaders, .endStream]))
    }
    return self.session.wantsRead && self.events.sections(id).count == 1
      && self.sent[start...].contains { $0.isPingAck }
  }

  private func send() throws {
    try self.session.drain(into: &self.unread)
    if self.session.role == .client, self.unread.starts(with: Wire.preface) {
      self.unread.removeFirst(Wire.preface.count)
    }
    self.sent += WireFrame.take(from: &self.unread)
  }
}
