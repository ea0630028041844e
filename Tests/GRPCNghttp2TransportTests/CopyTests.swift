import GRPCNghttp2Transport
import HTTP2Session
import Testing

/// How often a message's bytes are copied between the socket and a handler: the places that could copy them hand on the
/// same memory.
///
/// Received bytes are copied once, out of the socket's buffer into the message. Sent ones are copied twice: by nghttp2
/// into a frame and from there into the socket's buffer.
@Suite struct CopyTests {
  private func address(_ bytes: [UInt8]) -> UnsafeRawPointer? {
    bytes.withUnsafeBytes { $0.baseAddress }
  }

  @Test("A received message is copied once, however many frames it comes in", arguments: [1, 7])
  func received(frames: Int) async throws {
    let message = [UInt8](repeating: 7, count: 100_000)
    let framed = try MessageFraming.frame(message, limit: 1 << 20)
    var deframer = MessageDeframer(limit: 1 << 20)
    var messages: [MessageDeframer.Message] = []
    for start in stride(from: 0, to: framed.count, by: framed.count / frames + 1) {
      let end = min(framed.count, start + framed.count / frames + 1)
      try framed[start..<end].withUnsafeBytes { try deframer.append($0, to: &messages) }
    }
    let only = try #require(messages.first)
    let queue = InboundQueue(windowBytes: 1 << 20)
    _ = queue.add(messages, receivedBytes: framed.count)
    let part = try await queue.next { _ in }
    guard case .message(let read, isCompressed: false) = part else {
      Issue.record("No message")
      return
    }
    #expect(read == message)
    #expect(self.address(read) == self.address(only.bytes))
  }

  @Test("A message isn't copied to get its prefix")
  func sent() throws {
    let message = [UInt8](repeating: 7, count: 100_000)
    let (prefix, bytes) = try MessageFraming.encode(message, limit: 1 << 20, encoding: .identity)
    #expect(prefix.count == MessageFraming.prefixLength)
    #expect(self.address(bytes) == self.address(message))
  }
}
