import GRPCCore
import GRPCNghttp2Transport
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(1))) struct CallTests {
  static func endpoint(_ kind: String) -> SocketEndpoint {
    kind == "tcp" ? anyPort : .unixSocket(path: "/tmp/call-tests-\(UInt64.random(in: 0...(.max))).sock")
  }

  @Test("All four kinds of calls work", arguments: ["tcp", "unix"])
  func allKinds(kind: String) async throws {
    try await withLoopback(on: Self.endpoint(kind)) { client in
      // Unary.
      try await client.expect("Collect", [1, 2, 3], answer: [1, 2, 3])
      try await client.expect("Collect", [], answer: [])
      // Client streaming.
      let collected = try await client.clientStreaming(
        request: StreamingClientRequest { writer in
          for byte in UInt8(0)..<100 { try await writer.write([byte]) }
        }, descriptor: TestService.method("Collect"), serializer: BytesCoder(), deserializer: BytesCoder(),
        options: .defaults
      ) { try $0.message as [UInt8] }
      #expect(collected == Array(0..<100))
      // Server streaming.
      let expanded = try await client.serverStreaming(
        request: ClientRequest(message: [200]), descriptor: TestService.method("Expand"), serializer: BytesCoder(),
        deserializer: BytesCoder(), options: .defaults
      ) { response in
        var all: [[UInt8]] = []
        for try await message in response.messages { all.append(message) }
        return all
      }
      #expect(expanded == (0..<200).map { [$0] })
      // Both: each message is sent only once the last came back.
      let (turns, turn) = AsyncStream<UInt8>.makeStream()
      turn.yield(0)
      let echoed = try await client.stream("Echo") { writer in
        for await byte in turns { try await writer.write([byte]) }
      } response: { response in
        var all: [UInt8] = []
        for try await message in response.messages {
          all += message
          if all.count < 50 { turn.yield(UInt8(all.count)) } else { turn.finish() }
        }
        return all
      }
      #expect(echoed == Array(0..<50))
    }
  }

  @Test("Many calls share a connection")
  func concurrentCalls() async throws {
    try await withLoopback { client in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<500 {
          group.addTask {
            let message = [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: index * 7)
            try await client.expect("Echo", message, answer: message)
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test("Messages of megabytes go both ways, larger than any window")
  func largeMessages() async throws {
    try await withLoopback { client in
      let message = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      try await client.expect("Echo", message, answer: message)
    }
  }

  @Test("Handlers that don't start on the event loop answer as well")
  func offLoop() async throws {
    var server = Nghttp2ServerConfiguration.defaults
    server.startsHandlersOnEventLoop = false
    try await withLoopback(server: server) { client in
      for index in 0..<20 {
        try await client.expect("Echo", [UInt8(index)], answer: [UInt8(index)])
      }
    }
  }

  @Test("Handlers and callers see who is on the other side")
  func peers() async throws {
    let service = TestService([
      "Peer": { _, context in
        StreamingServerResponse { writer in
          try await writer.write(Array("\(context.remotePeer) \(context.localPeer)".utf8))
          return [:]
        }
      }
    ])
    try await withServer(service) { _, endpoint in
      try await withClient([endpoint]) { client in
        let peers = String(decoding: try await client.call("Peer"), as: UTF8.self).split(separator: " ")
        #expect(peers.first?.hasPrefix("ipv4:127.0.0.1:") == true)
        #expect(peers.last.map(String.init) == "ipv4:\(endpoint)")
      }
    }
  }

  @Test("A method that isn't there is UNIMPLEMENTED")
  func unknownMethod() async throws {
    try await withLoopback { client in
      #expect(await rpcError { _ = try await client.call("Nothing") }?.code == .unimplemented)
    }
  }

  @Test("A message over a limit is RESOURCE_EXHAUSTED, whichever side's limit it is, and the connection goes on")
  func messageLimits() async throws {
    var server = Nghttp2ServerConfiguration.defaults
    server.maxReceiveMessageBytes = 1000
    var client = Nghttp2ClientConfiguration.defaults
    client.maxReceiveMessageBytes = 500
    client.maxSendMessageBytes = 2000
    try await withLoopback(server: server, client: client) { client in
      #expect(
        await rpcError { _ = try await client.call("Collect", Array(repeating: 1, count: 1001)) }?.code
          == .resourceExhausted)
      #expect(
        await rpcError { _ = try await client.call("Collect", Array(repeating: 1, count: 501)) }?.code
          == .resourceExhausted)
      #expect(
        await rpcError { _ = try await client.call("Collect", Array(repeating: 1, count: 2001)) }?.code
          == .resourceExhausted)
      var options = CallOptions.defaults
      options.maxResponseMessageBytes = 1000
      #expect(try await client.call("Collect", Array(repeating: 1, count: 1000), options: options).count == 1000)
      options.maxRequestMessageBytes = 10
      #expect(
        await rpcError { _ = try await client.call("Collect", Array(repeating: 1, count: 11), options: options) }?.code
          == .resourceExhausted)
      try await client.expect("Collect", [1], answer: [1])
    }
  }

  @Test("The default limit is 4 MiB")
  func defaultLimit() async throws {
    try await withLoopback { client in
      let largest = [UInt8](repeating: 1, count: 4 << 20)
      try await client.expect("Collect", largest, answer: largest)
      #expect(
        await rpcError { _ = try await client.call("Collect", Array(repeating: 1, count: (4 << 20) + 1)) }?.code
          == .resourceExhausted)
    }
  }
}
