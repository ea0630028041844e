import GRPCCore
import Testing

@Suite(.timeLimit(.minutes(1))) struct MetadataTests {
  @Test("Text and binary metadata go both ways, repeated keys included")
  func reflect() async throws {
    try await withLoopback { client in
      let sent: Metadata = [
        "x-text": "plain text, with = and ;", "x-text": "again", "X-Upper": "case",
        "x-data-bin": .binary([0, 1, 254, 255]),
        "x-data-bin": .binary([7]), "x-empty-bin": .binary([]), "x-empty": "",
      ]
      try await client.unary(
        request: ClientRequest(message: [UInt8](), metadata: sent), descriptor: TestService.method("Reflect"),
        serializer: BytesCoder(), deserializer: BytesCoder(), options: .defaults
      ) { response in
        for metadata in [response.metadata, response.trailingMetadata] {
          #expect(Array(metadata[stringValues: "x-text"]) == ["plain text, with = and ;", "again"])
          #expect(Array(metadata[stringValues: "x-upper"]) == ["case"])
          #expect(Array(metadata[binaryValues: "x-data-bin"]) == [[0, 1, 254, 255], [7]])
          #expect(Array(metadata[binaryValues: "x-empty-bin"]) == [[]])
          #expect(Array(metadata[stringValues: "x-empty"]) == [""])
        }
        #expect(Array(response.metadata[stringValues: "user-agent"]).count == 1)
      }
    }
  }

  @Test("Metadata that HTTP/2 can't carry fails the call and not the connection")
  func invalid() async throws {
    try await withLoopback { client in
      let error = await rpcError { _ = try await client.call("Echo", metadata: ["x-a": "line\nbreak"]) }
      #expect(error?.code == .internalError)
      #expect(error?.message.contains("break") == false)
      try await client.expect("Echo", [1], answer: [1])
    }
  }

  @Test("Every status code arrives with its message and metadata", arguments: 1...16)
  func status(code: UInt8) async throws {
    try await withLoopback { client in
      let text = "50% \u{1F600} é\r\n\"quoted\" 100%25 \u{7f}"
      let error = await rpcError { _ = try await client.call("Fail", [code] + Array(text.utf8)) }
      #expect(error?.code.rawValue == Int(code))
      #expect(error?.message == text)
      #expect(error.map { Array($0.metadata[binaryValues: "x-detail-bin"]) } == [[0, 255, 1]])
    }
  }

  @Test("A status after messages arrives after them")
  func statusAfterMessages() async throws {
    let service = TestService([
      "Partial": { _, _ in
        StreamingServerResponse { writer in
          try await writer.write([1])
          try await writer.write([2])
          throw RPCError(code: .dataLoss, message: "half way")
        }
      }
    ])
    try await withLoopback(service) { client in
      let received = Counter()
      let error = await rpcError {
        try await client.stream("Partial") { _ in
        } response: { response in
          for try await message in response.messages { received.add(Int(message[0])) }
        }
      }
      #expect(received.value == 3)
      #expect(error?.code == .dataLoss)
      #expect(error?.message == "half way")
    }
  }
}
