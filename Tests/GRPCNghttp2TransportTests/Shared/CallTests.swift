import GRPCCore
import GRPCNghttp2Transport
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(1))) struct CallTests {
  static func endpoint(_ kind: String) -> SocketEndpoint {
    kind == "tcp" ? anyPort : .unixSocket(path: "/tmp/call-tests-\(UInt64.random(in: 0...(.max))).sock")
  }

  /// A service with a method that answers with both ends of the connection.
  static let peerService = TestService([
    "Peer": { _, context in
      StreamingServerResponse { writer in
        try await writer.write(Array("\(context.remotePeer) \(context.localPeer)".utf8))
        return [:]
      }
    }
  ])

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
    try await withServer(Self.peerService) { _, endpoint in
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

  /// Whose limit on messages it is.
  enum MessageLimit: CaseIterable {
    case serverReceive, clientSend, serverSend, clientReceive
  }

  @Test(
    "A message at a limit passes and one over it is RESOURCE_EXHAUSTED, each limit by itself, and the client goes on",
    arguments: MessageLimit.allCases)
  func messageLimits(limit: MessageLimit) async throws {
    func bytes(_ other: MessageLimit) -> Int { limit == other ? 1000 : 1 << 20 }
    var server = Nghttp2ServerConfiguration.defaults
    server.maxReceiveMessageBytes = bytes(.serverReceive)
    server.maxSendMessageBytes = bytes(.serverSend)
    var client = Nghttp2ClientConfiguration.defaults
    client.maxReceiveMessageBytes = bytes(.clientReceive)
    client.maxSendMessageBytes = bytes(.clientSend)
    let largest = [UInt8](repeating: 1, count: 1000)
    try await withLoopback(Self.peerService, server: server, client: client) { client in
      try await client.expect("Collect", largest, answer: largest)
      let peers = try await client.call("Peer")
      #expect(await rpcError { _ = try await client.call("Collect", largest + [1]) }?.code == .resourceExhausted)
      try await client.expect("Collect", largest, answer: largest)
      // On the same connection.
      try await client.expect("Peer", answer: peers)
    }
  }

  @Test("A call's own limits count instead of its client's")
  func messageLimitsOfCalls() async throws {
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.maxReceiveMessageBytes = 500
    try await withLoopback(client: configuration) { client in
      let message = [UInt8](repeating: 1, count: 1000)
      #expect(await rpcError { _ = try await client.call("Collect", message) }?.code == .resourceExhausted)
      var options = CallOptions.defaults
      options.maxResponseMessageBytes = 1000
      try await client.expect("Collect", message, options: options, answer: message)
      options.maxRequestMessageBytes = 999
      #expect(
        await rpcError { _ = try await client.call("Collect", message, options: options) }?.code == .resourceExhausted)
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
