import GRPCCore
import GRPCNghttp2Transport
import NIOCore
import Testing

/// Numbers of callers and peers that are as large or as small as their types allow.
@Suite struct NumberRangeTests {
  @Test(
    "Any duration can be waited for: none when it is negative, and ten years at most",
    arguments: ConfigurationRangeTests.times)
  func timeAmounts(duration: Duration) {
    let expected = min(max(duration, .zero), .longest)
    #expect(TimeAmount(clamping: duration) == .nanoseconds(Int64(expected / .nanoseconds(1))))
  }

  @Test(
    "Any duration can be written as a timeout",
    arguments: [
      (Duration.seconds(Int64.min) * 16, "0n"), (.seconds(Int64.min), "0n"), (.seconds(-10_000_000_000), "0n"),
      (.nanoseconds(-1), "0n"), (.zero, "0n"), (.nanoseconds(1), "1n"), (.nanoseconds(Int64.max), "2562047H"),
      // Its whole seconds have as many nanoseconds as 64 bits hold, its others are too much.
      (.seconds(9_223_372_036) + .nanoseconds(999_999_999), "2562047H"), (.seconds(Int64.max), "2562047H"),
      (.seconds(Int64.max) * 16, "2562047H"),
    ])
  func timeouts(duration: Duration, text: String) {
    #expect(CallTimeout(duration: duration).text == text)
  }

  @Test("The longest timeout that can be read can be written and waited for")
  func longestTimeout() throws {
    let timeout = try #require(CallTimeout(parsing: "99999999H"))
    #expect(timeout.text == "2562047H")
    #expect(TimeAmount(clamping: timeout.duration) == TimeAmount(clamping: .longest))
  }

  @Test(
    "Messages are received within any limit, compressed or not",
    arguments: [Int.min, -1, 0, 1, 2, Int(UInt32.max), Int(UInt32.max) + 1, .max - 1, .max])
  func deframing(limit: Int) throws {
    for flag: UInt8 in [0, 1] {
      for count in [0, 1, 2, 1000] {
        var deframer = MessageDeframer(limit: limit, acceptsCompressed: true)
        var messages: [MessageDeframer.Message] = []
        let bytes = [flag, 0, 0, UInt8(count >> 8), UInt8(count & 0xff)] + [UInt8](repeating: 7, count: count)
        // Compression adds to a message that it doesn't make shorter.
        let isAccepted = count <= max(limit, 0) || (flag == 1 && count <= 64)
        do {
          try bytes.withUnsafeBytes { try deframer.append($0, to: &messages) }
          #expect(isAccepted)
          #expect(messages.map(\.bytes.count) == [count])
        } catch {
          #expect(!isAccepted)
          #expect((error as? RPCError)?.code == .resourceExhausted)
        }
      }
      // A prefix that claims as much as it can.
      var deframer = MessageDeframer(limit: limit, acceptsCompressed: true)
      var messages: [MessageDeframer.Message] = []
      let error = #expect(throws: RPCError.self) {
        try [flag, 255, 255, 255, 255, 1].withUnsafeBytes { try deframer.append($0, to: &messages) }
        throw RPCError.accepted
      }
      #expect(error?.code == (limit < UInt32.max ? .resourceExhausted : RPCError.accepted.code))
    }
  }

  @Test("Messages are sent within any limit", arguments: [Int.min, -1, 0, 1, Int(UInt32.max) + 1, .max])
  func framing(limit: Int) throws {
    #expect(try MessageFraming.frame([], limit: limit) == [0, 0, 0, 0, 0])
    if limit < 1 {
      #expect(throws: RPCError.self) { try MessageFraming.frame([1], limit: limit) }
      #expect(throws: RPCError.self) { try MessageFraming.encode([1], limit: limit, encoding: .gzip) }
    } else {
      #expect(try MessageFraming.frame([1], limit: limit) == [0, 0, 0, 0, 1, 1])
    }
  }

  @Test(
    "Messages longer than what zlib is given and gives in one go come back",
    arguments: [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 2 << 20, (3 << 20) + 7])
  func gzip(count: Int) throws {
    var generator = SystemRandomNumberGenerator()
    let noise = (0..<count / 8 + 1).flatMap { _ in
      withUnsafeBytes(of: UInt64.random(in: 0 ... .max, using: &generator)) { Array($0) }
    }
    for message in [[UInt8](repeating: 0, count: count), Array(noise.prefix(count))] {
      let compressed = try Gzip.compress(message)
      #expect(try Gzip.decompress(compressed, limit: .max) == message)
      #expect(throws: RPCError.self) { try Gzip.decompress(compressed, limit: count - 1) }
      #expect(throws: RPCError.self) { try Gzip.decompress(compressed, limit: .min) }
      #expect(throws: RPCError.self) { try Gzip.decompress(compressed.dropLast(), limit: .max) }
    }
  }

  @Test("A negative limit of a call's options lets empty messages through only")
  func callOptions() async throws {
    try await withLoopback { client in
      var options = CallOptions.defaults
      options.maxRequestMessageBytes = .min
      options.maxResponseMessageBytes = .min
      try await client.expect("Echo", [], options: options, answer: [])
      #expect(await rpcError { _ = try await client.call("Echo", [1], options: options) }?.code == .resourceExhausted)
      options.maxRequestMessageBytes = .max
      #expect(await rpcError { _ = try await client.call("Echo", [1], options: options) }?.code == .resourceExhausted)
      options.maxResponseMessageBytes = .max
      try await client.expect("Echo", [1], options: options, answer: [1])
    }
  }

  @Test("A call may take any time", arguments: ConfigurationRangeTests.times)
  func callTimeouts(duration: Duration) async throws {
    try await withServer { _, endpoint in
      let transport = try Nghttp2ClientTransport(endpoints: [endpoint])
      try await withGRPCClient(transport: transport) { client in
        // It runs by then.
        try await client.expect("Echo", answer: [])
        let error = await rpcError {
          try await transport.withStream(
            descriptor: TestService.method("Echo"), options: .options(timeout: duration)
          ) { stream, _ in
            try await stream.outbound.write(.metadata([:]))
            await stream.outbound.finish()
            for try await _ in stream.inbound {}
          }
        }
        #expect(error == nil || (error?.code == .deadlineExceeded && duration <= .milliseconds(1)))
      }
    }
  }
}

extension RPCError {
  /// Nothing was wrong.
  fileprivate static let accepted = RPCError(code: .unknown, message: "")
}
