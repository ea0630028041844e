import HTTP2TestSupport
import TestSupport

/// A call as the server of frames that has it sees it.
final class ServedCall {
  /// The size of each message of a request with its prefix.
  static let messageBytes = 15

  let stream: UInt32
  private let kind: MoveScenario.Kind
  private let peer: WirePeer
  private var hasSentHeaders = false
  /// The response's messages with their prefixes, and how much of them was sent.
  private var response: [UInt8] = []
  private var sentBytes = 0
  private var echoedBytes = 0

  init(_ peer: WirePeer, _ stream: UInt32, _ kind: MoveScenario.Kind) {
    self.peer = peer
    self.stream = stream
    self.kind = kind
  }

  var hasBegun: Bool { self.peer.frames.contains { $0.streamID == self.stream && $0.isHeaders } }

  /// The request's messages with their prefixes, as far as they have come.
  var payload: [UInt8] {
    self.peer.frames.filter { $0.streamID == self.stream && $0.isData }.flatMap(\.payload)
  }

  var hasEnded: Bool {
    self.peer.frames.contains { $0.streamID == self.stream && ($0.isData || $0.isHeaders) && $0.flags & 1 == 1 }
  }

  /// Reads until `condition` holds; throws when the client has closed the connection or given the call up before.
  func read(until condition: (ServedCall) -> Bool) async throws {
    try await self.peer.read { _ in condition(self) || self.isReset }
    guard condition(self) else { throw TimedOut() }
  }

  func sendHeaders() async throws {
    guard !self.hasSentHeaders else { return }
    self.hasSentHeaders = true
    try await self.peer.sendRaw(
      Wire.headers(self.stream, Wire.response + Wire.field("content-type", "application/grpc")))
  }

  /// Sends the headers and the first half of the response's first message.
  func sendHalf() async throws {
    try await self.sendHeaders()
    self.makeResponse()
    try await self.send(self.response.count / 2)
  }

  /// Reads the request to its end; every message that is to come back is sent back as it comes.
  func readToEnd() async throws {
    try await self.read { $0.hasBegun }
    // Whatever the settings let the client send.
    try await self.peer.sendRaw(Wire.windowUpdate(self.stream, by: 1 << 17))
    while !self.hasEnded {
      if self.kind == .bidirectional {
        try await self.sendHeaders()
        self.makeResponse()
        try await self.send(self.response.count)
      }
      let seen = self.payload.count
      try await self.read { $0.payload.count > seen || $0.hasEnded }
    }
  }

  /// Sends what is left of the response.
  func answer() async throws {
    try await self.sendHeaders()
    self.makeResponse()
    try await self.send(self.response.count)
    try await self.peer.sendRaw(
      Wire.headers(self.stream, Wire.field("grpc-status", "0"), flags: [.endHeaders, .endStream]))
  }

  private var isReset: Bool { self.peer.frames.contains { $0.streamID == self.stream && $0.resetCode != nil } }

  /// Makes as much of the response as the request allows by now.
  private func makeResponse() {
    switch self.kind {
    case .unary, .bidirectional:
      let whole = self.payload.count / Self.messageBytes * Self.messageBytes
      self.response += self.payload[self.echoedBytes..<whole]
      self.echoedBytes = whole
    case .clientStreaming:
      self.response = [0, 0, 0, 0, 1, 7]
    }
  }

  private func send(_ end: Int) async throws {
    guard end > self.sentBytes else { return }
    try await self.peer.sendRaw(Wire.data(self.stream, Array(self.response[self.sentBytes..<end])))
    self.sentBytes = end
  }
}
