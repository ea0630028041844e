import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Testing

/// What the client makes of responses that bend or break gRPC's protocol (PROTOCOL-HTTP2.md, Responses).
@Suite(.timeLimit(.minutes(1))) struct ResponseStrictnessTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var headers: [HTTP2Field] = []
    var trailers: [HTTP2Field]
    var code: RPCError.Code?

    var testDescription: String {
      "\((self.headers + self.trailers).map { "\($0.name): \($0.value)" }) \(self.code.map { "\($0)" } ?? "ok")"
    }

    /// A response that ends with the status.
    static func status(_ values: String..., code: RPCError.Code?) -> Case {
      Case(trailers: values.map { HTTP2Field("grpc-status", $0) }, code: code)
    }

    static func metadata(_ value: String, code: RPCError.Code?) -> [Case] {
      let field = HTTP2Field("x-bin", value)
      let ok = HTTP2Field("grpc-status", "0")
      return [Case(headers: [field], trailers: [ok], code: code), Case(trailers: [ok, field], code: code)]
    }
  }

  static let cases: [Case] =
    [
      .status("0", code: nil), .status("00", code: nil), .status("5", code: .notFound), .status("", code: .unknown),
      .status("+0", code: .unknown), .status("-1", code: .unknown), .status("17", code: .unknown),
      .status("zero", code: .unknown), .status("0x0", code: .unknown),
      .status("99999999999999999999", code: .unknown), .status("0", "0", code: .unknown), .status(code: .unknown),
      // An error is an error, whatever comes with it.
      Case(trailers: [HTTP2Field("grpc-status", "5"), HTTP2Field("x-bin", "?")], code: .notFound),
      Case(
        headers: [HTTP2Field("grpc-encoding", "zstd")], trailers: [HTTP2Field("grpc-status", "0")],
        code: .internalError),
    ] + Case.metadata("AA==,AAE", code: nil) + Case.metadata("?", code: .internalError)
    + Case.metadata("AA=", code: .internalError) + Case.metadata("AAAA,A", code: .internalError)

  @Test("Each becomes the right status", arguments: cases)
  func outcome(response: Case) async throws {
    try await RawPeer.listen { peer in
      var id: Int32 = 0
      while true {
        id = try await peer.nextRequest(after: id)
        let stream = id
        let isFirst = id == 1
        let fields = [HTTP2Field(":status", "200"), HTTP2Field("content-type", "application/grpc")]
        try await peer.send { session in
          try session.submitResponse(streamID: stream, fields: fields + (isFirst ? response.headers : []))
          try session.write(streamID: stream, bytes: MessageFraming.frame([7], limit: .max))
          try session.finish(
            streamID: stream, trailers: isFirst ? response.trailers : [HTTP2Field("grpc-status", "0")])
        }
      }
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        let error = await rpcError {
          let answer = try await client.call("Echo", [1])
          #expect(answer == [7])
        }
        #expect(error?.code == response.code)
        // The connection is fine.
        try await client.expect("Echo", [1], answer: [7])
      }
    }
  }

  @Test("Binary metadata of a response is split at commas, and text is not")
  func joined() async throws {
    try await RawPeer.listen { peer in
      let id = try await peer.nextRequest()
      try await peer.send { session in
        try session.submitResponse(
          streamID: id,
          fields: [
            HTTP2Field(":status", "200"), HTTP2Field("content-type", "application/grpc"), HTTP2Field("x", "a,b"),
            HTTP2Field("x-bin", "AA,AQ"), HTTP2Field("x-bin", "Ag=="),
          ])
        try session.finish(streamID: id, trailers: [HTTP2Field("grpc-status", "0")])
      }
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        let metadata = try await client.stream("Echo") { _ in
        } response: {
          $0.metadata
        }
        #expect(Array(metadata[stringValues: "x"]) == ["a,b"])
        #expect(Array(metadata[binaryValues: "x-bin"]) == [[0], [1], [2]])
      }
    }
  }
}
