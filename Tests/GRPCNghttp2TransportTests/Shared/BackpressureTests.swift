import GRPCCore
import GRPCNghttp2Transport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct BackpressureTests {
  static let messageBytes = 10_000
  static let messages = 300
  /// Both stream windows' worth, the writer's watermark, and a message that goes over it, with much to spare: well
  /// below all.
  static let bound = 500_000

  @Test("A client that doesn't read stops the server's writer, and both finish once it does")
  func slowClient() async throws {
    let written = Counter()
    let service = TestService([
      "Flood": { _, _ in
        StreamingServerResponse { writer in
          for _ in 0..<Self.messages {
            try await writer.write([UInt8](repeating: 1, count: Self.messageBytes))
            written.add(Self.messageBytes)
          }
          return [:]
        }
      }
    ])
    try await withLoopback(service) { client in
      let total = try await client.stream("Flood") { _ in
      } response: { response in
        // Other calls go on, which gives the writer every chance to run ahead.
        for _ in 0..<300 { _ = try await client.call("Echo", [1]) }
        #expect(written.value > 0)
        #expect(written.value < Self.bound)
        var total = 0
        for try await message in response.messages { total += message.count }
        return total
      }
      #expect(total == Self.messages * Self.messageBytes)
    }
  }

  @Test("A handler that doesn't read stops the client's writer, and both finish once it does")
  func slowHandler() async throws {
    let written = Counter()
    let (reads, startReading) = AsyncStream<Void>.makeStream()
    let service = TestService([
      "Sink": { request, _ in
        for await _ in reads {}
        var total = 0
        for try await message in request.messages { total += message.count }
        let sum = total
        return StreamingServerResponse { writer in
          try await writer.write(Array(String(sum).utf8))
          return [:]
        }
      }
    ])
    try await withLoopback(service) { client in
      async let answer = client.stream("Sink") { writer in
        for _ in 0..<Self.messages {
          try await writer.write([UInt8](repeating: 1, count: Self.messageBytes))
          written.add(Self.messageBytes)
        }
      } response: { response in
        var iterator = response.messages.makeAsyncIterator()
        return try await iterator.next() ?? []
      }
      try await eventually(until: { written.value > 0 })
      for _ in 0..<300 { _ = try await client.call("Echo", [1]) }
      #expect(written.value < Self.bound)
      startReading.finish()
      let sum = try await answer
      #expect(String(decoding: sum, as: UTF8.self) == String(Self.messages * Self.messageBytes))
    }
  }

  @Test("Windows smaller than a message still let it through", arguments: [16, 1000, 5000])
  func smallWindows(bytes: Int) async throws {
    var server = Nghttp2ServerConfiguration.defaults
    server.streamWindowBytes = bytes
    var client = Nghttp2ClientConfiguration.defaults
    client.streamWindowBytes = bytes
    try await withLoopback(server: server, client: client) { client in
      let message = [UInt8](repeating: 3, count: 20_000)
      try await client.expect("Echo", message, answer: message)
      let total = try await client.stream("Echo") { writer in
        for _ in 0..<200 { try await writer.write([UInt8](repeating: 1, count: 100)) }
      } response: { response in
        var total = 0
        for try await message in response.messages { total += message.count }
        return total
      }
      #expect(total == 20_000)
    }
  }

  @Test("Many tiny messages that nobody reads don't grow without limit")
  func tinyMessages() async throws {
    let written = Counter()
    let service = TestService([
      "Drip": { _, _ in
        StreamingServerResponse { writer in
          for _ in 0..<100_000 {
            try await writer.write([1])
            written.add()
          }
          return [:]
        }
      }
    ])
    try await withLoopback(service) { client in
      let total = try await client.stream("Drip") { _ in
      } response: { response in
        for _ in 0..<100 { _ = try await client.call("Echo", [1]) }
        // Six bytes each, and 64 more while they are unsent: a window and a watermark of 64 KiB hold about 12,000.
        #expect(written.value < 16_000)
        var total = 0
        for try await _ in response.messages { total += 1 }
        return total
      }
      #expect(total == 100_000)
    }
  }
}
