import GRPCNghttp2Transport
import HTTP2Session
import Testing

/// How often a message's bytes are copied between the socket and a handler: the places that could copy them hand on the
/// same memory.
///
/// Received bytes are copied out of the socket's buffer into the message, whose memory grows with the frames that have
/// come, to twice as much each time: one allocation for each message is as large as the message, and none comes after
/// it. Sent bytes are copied twice, piece by piece: by nghttp2 into a frame and from there into the socket's buffer.
@Suite(.timeLimit(.minutes(1))) struct CopyTests {
  private func address(_ bytes: [UInt8]) -> UnsafeRawPointer? {
    bytes.withUnsafeBytes { $0.baseAddress }
  }

  @Test("A received message is handed on without a copy, however many frames it comes in", arguments: [1, 7])
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

  @Test(
    "A server allocates memory of a message's size once for each that it receives, and never to send one",
    arguments: [("Receive", 1), ("Send", 0), ("Echo", 1)])
  func allocations(method: String, perCall: Int) async throws {
    let message = method == "Send" ? [] : [UInt8](repeating: 7, count: 1 << 20)
    try await withMeasuredServer { endpoint in
      try await withClient([endpoint]) { client in
        for _ in 0..<3 { _ = try await client.call(method, message) }
        let before = try await client.measure("Allocations")
        for _ in 0..<10 { _ = try await client.call(method, message) }
        #expect(try await client.measure("Allocations") - before == 10 * perCall)
      }
    }
  }

  @Test("The counter sees allocations")
  func counter() async throws {
    try await withMeasuredServer { endpoint in
      try await withClient([endpoint]) { client in
        // The array that it answers with is made by the first call.
        let before = try await client.measure("Allocations")
        _ = try await client.call("Send")
        #expect(try await client.measure("Allocations") == before + 1)
      }
    }
  }
}
