import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Synchronization
import Testing

/// The values that one `-bin` field may have, each of which takes memory, on either side.
@Suite(.timeLimit(.minutes(1))) struct BinaryMetadataTests {
  /// As many empty values as there are characters and one more.
  private static func commas(_ count: Int) -> String { String(repeating: ",", count: count) }

  private static func limited<Configuration>(
    _ configuration: Configuration, _ limit: WritableKeyPath<Configuration, Int>
  ) -> Configuration {
    var configuration = configuration
    configuration[keyPath: limit] = 4096
    return configuration
  }

  private static let server = limited(Nghttp2ServerConfiguration.defaults, \.maxHeaderListBytes)
  private static let client = limited(Nghttp2ClientConfiguration.defaults, \.maxHeaderListBytes)

  @Test(
    "A request whose values count more than the limit on header lists is answered 431",
    arguments: [[4000], [130], [65, 65], [20, 110]])
  func tooManyInRequest(counts: [Int]) async throws {
    try await withServer(configuration: Self.server) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let fields = counts.enumerated().map { HTTP2Field("x-\($0)-bin", Self.commas($1)) }
        // So many bytes alone would be none too many.
        #expect(fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 32 } < 4096)
        let id = try await peer.request(fields, endStream: true)
        #expect(try await peer.readToEnd(id)[":status"] == "431")
        let next = try await peer.request(endStream: true)
        #expect(try await peer.readToEnd(next)["grpc-status"] == "0")
      }
    }
  }

  @Test("A request for a fast path is no exception")
  func fastPath() async throws {
    let fastPath = FastPath(method: TestService.method("Echo")) { _, _ in .reply([]) }
    try await withServer(configuration: Self.server, fastPaths: [fastPath]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.call([HTTP2Field("x-bin", Self.commas(2000))], body: [0, 0, 0, 0, 0])
        #expect(try await peer.readToEnd(id)[":status"] == "431")
      }
    }
  }

  @Test("As many values as the limit has room for arrive, and one more doesn't")
  func boundary() async throws {
    let seen = Mutex<[[UInt8]]>([])
    let service = TestService([
      "Values": { request, _ in
        seen.withLock { $0 = Array(request.metadata[binaryValues: "x-bin"]) }
        return StreamingServerResponse { _ in [:] }
      }
    ])
    try await withServer(service, configuration: Self.server) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let others = [
          (":method", "POST"), (":scheme", "http"), (":path", "/test.Service/Values"), (":authority", "test"),
          ("te", "trailers"), ("content-type", "application/grpc"), ("x-bin", "AQ"),
        ]
        let size = others.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count + 32 }
        // Four bytes a value and 32 for it.
        let most = (4096 - size) / 36
        for (count, status) in [(most, "200"), (most + 1, "431")] {
          let field = HTTP2Field("x-bin", "AQ" + String(repeating: ", Ag", count: count))
          let id = try await peer.request([field], method: "Values", endStream: true)
          _ = try await peer.readToEnd(id)
          #expect(peer.sections(id).first?[":status"] == status)
        }
        #expect(seen.withLock { $0 } == [[1]] + [[UInt8]](repeating: [2], count: most))
      }
    }
  }

  @Test(
    "Values that aren't base64 are INTERNAL wherever they stand", arguments: ["!", "AA,!", "A,AA", "AA,A A", "AA,AA="])
  func malformed(value: String) async throws {
    try await withServer { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request([HTTP2Field("x-bin", value)], endStream: true)
        #expect(try await peer.readToEnd(id)["grpc-status"] == "13")
      }
    }
  }

  /// Calls a server that answers as told, and returns the error and what of the trailers the caller sees.
  private func call(
    headers: [HTTP2Field] = [], trailers: [HTTP2Field]
  ) async throws -> (error: RPCError?, values: [[UInt8]]) {
    let result = Mutex<(error: RPCError?, values: [[UInt8]])>((nil, []))
    try await RawPeer.listen { peer in
      let id = try await peer.nextRequest()
      try await peer.send { session in
        try session.submitResponse(
          streamID: id,
          fields: [HTTP2Field(":status", "200"), HTTP2Field("content-type", "application/grpc")] + headers)
        try session.write(streamID: id, bytes: [0, 0, 0, 0, 0])
        try session.finish(streamID: id, trailers: trailers)
      }
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      try await withClient([endpoint], configuration: Self.client) { client in
        let error = await rpcError {
          try await client.unary(
            request: ClientRequest(message: [UInt8]()), descriptor: TestService.method("Echo"),
            serializer: BytesCoder(), deserializer: BytesCoder(), options: .defaults
          ) { response in
            _ = try response.message
            let values =
              Array(response.metadata[binaryValues: "x-bin"])
              + Array(response.trailingMetadata[binaryValues: "x-bin"])
            result.withLock { $0.values = values }
          }
        }
        result.withLock { $0.error = error }
      }
    }
    return result.withLock { $0 }
  }

  @Test("A response with more of them than the client's limit has room for is RESOURCE_EXHAUSTED, trailers alike")
  func tooManyInResponse() async throws {
    let many = HTTP2Field("x-bin", Self.commas(2000))
    let ok = HTTP2Field("grpc-status", "0")
    #expect(try await self.call(headers: [many], trailers: [ok]).error?.code == .resourceExhausted)
    #expect(try await self.call(trailers: [ok, many]).error?.code == .resourceExhausted)
    // Not even an error's.
    #expect(try await self.call(trailers: [HTTP2Field("grpc-status", "5"), many]).error?.code == .resourceExhausted)
  }

  @Test("A response's joined values arrive, and an error's malformed ones are left out")
  func fewInResponse() async throws {
    let ok = HTTP2Field("grpc-status", "0")
    let values = try await self.call(
      headers: [HTTP2Field("x-bin", "AQ, Ag==,")], trailers: [ok, HTTP2Field("x-bin", "Aw")])
    #expect(values.error == nil)
    #expect(values.values == [[1], [2], [], [3]])
    let malformed = try await self.call(trailers: [HTTP2Field("grpc-status", "5"), HTTP2Field("x-bin", "!,AA")])
    #expect(malformed.error?.code == .notFound)
    #expect(try await self.call(trailers: [ok, HTTP2Field("x-bin", "!")]).error?.code == .internalError)
  }

  @Test("Sections that take long to look at are all answered, and so is what comes after them")
  func longBurst() async throws {
    try await withServer { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let fields = (0..<7).map { HTTP2Field("x\($0)-bin", String(repeating: ",", count: 1_990)) }
        let ids = try await peer.send { session in
          try (0..<300).map { _ in
            let id = try session.submitRequest(
              [
                HTTP2Field(":method", "POST"), HTTP2Field(":scheme", "http"), HTTP2Field(":authority", "test"),
                HTTP2Field(":path", "/test.Service/Echo"), HTTP2Field("content-type", "application/grpc"),
              ] + fields)
            try session.finish(streamID: id)
            return id
          }
        }
        for id in ids { #expect(try await peer.readToEnd(id)[":status"] == "431") }
        let call = try await peer.call(method: "Echo", body: MessageFraming.frame([1], limit: 10))
        #expect(try await peer.readToEnd(call)["grpc-status"] == "0")
      }
    }
  }
}
