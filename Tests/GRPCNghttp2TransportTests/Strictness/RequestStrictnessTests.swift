import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Testing

/// What the server makes of requests that bend or break gRPC's protocol (PROTOCOL-HTTP2.md, Requests).
@Suite(.timeLimit(.minutes(1))) struct RequestStrictnessTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    /// A field for each; none leave the usual one out.
    var values: [String]
    /// The status of the answer: gRPC's from 0 to 16, otherwise HTTP's.
    var status: Int

    init(_ name: String, _ values: String..., status: Int) {
      self.name = name
      self.values = values
      self.status = status
    }

    /// The request's section, pseudo-header fields first.
    var section: [HTTP2Field] {
      let usual = [
        HTTP2Field(":method", "POST"), HTTP2Field(":scheme", "http"), HTTP2Field(":path", "/test.Service/Echo"),
        HTTP2Field(":authority", "test"), HTTP2Field("content-type", "application/grpc"),
      ]
      let fields = self.values.map { HTTP2Field(self.name, $0) } + usual.filter { $0.name != self.name }
      return fields.filter { $0.name.hasPrefix(":") } + fields.filter { !$0.name.hasPrefix(":") }
    }

    var testDescription: String { "\(self.name) \(self.values) \(self.status)" }
  }

  static let cases: [Case] = [
    // Nothing is made of a missing te, which only tells of proxies.
    Case("te", status: 0), Case("te", "trailers", status: 0),
    Case("content-type", status: 415), Case("content-type", "", status: 415),
    Case("content-type", "application/grpc", "application/grpc", status: 415),
    Case("content-type", "APPLICATION/GRPC+proto", status: 0), Case("content-type", "application/grpcx", status: 415),
    Case("content-type", "application/grpc-web+proto", status: 415), Case("content-type", "text/plain", status: 415),
    Case("grpc-timeout", "", status: 13), Case("grpc-timeout", "S", status: 13), Case("grpc-timeout", "1", status: 13),
    Case("grpc-timeout", "-1S", status: 13), Case("grpc-timeout", "123456789S", status: 13),
    Case("grpc-timeout", "1s", status: 13), Case("grpc-timeout", "1S", "2S", status: 13),
    Case("grpc-timeout", "12345678M", status: 0), Case("grpc-timeout", "0n", status: 4),
    Case("grpc-encoding", "identity", "identity", status: 13), Case("grpc-encoding", "zstd", status: 12),
    Case("x-bin", "", status: 0), Case("x-bin", "AA==,AAE ,\tAAEC,", status: 0), Case("x-bin", "A", status: 13),
    Case("x-bin", "A===", status: 13), Case("x-bin", "AA=", status: 13), Case("x-bin", "AA==A", status: 13),
    Case("x-bin", "AAAA==", status: 13), Case("x-bin", "A A", status: 13), Case("x-bin", "-_-_", status: 13),
    Case("x-bin", "AAAA", "AAAA,?", status: 13),
    Case(":path", "/", status: 12), Case(":path", "/test.Service/", status: 12), Case(":path", "//Echo", status: 12),
    Case(":method", "GET", status: 405), Case(":method", "PUT", status: 405), Case(":method", "post", status: 405),
  ]

  @Test("Each gets its answer, and the connection takes the next call", arguments: cases)
  func answers(request: Case) async throws {
    try await withServer { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.send { try $0.submitRequest(request.section, endStream: true) }
        _ = try await peer.readToEnd(id)
        let name = request.status < 100 ? "grpc-status" : ":status"
        #expect(peer.sections(id).compactMap { $0[name] }.last == String(request.status))
        let next = try await peer.request(endStream: true)
        #expect(try await peer.readToEnd(next)["grpc-status"] == "0")
      }
    }
  }

  @Test("A refused request is told why, unless it is a HEAD", arguments: [("GET", true), ("HEAD", false)])
  func explanation(method: String, hasBody: Bool) async throws {
    try await withServer { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request([HTTP2Field(":method", method)], endStream: true)
        _ = try await peer.readToEnd(id)
        #expect(peer.sections(id).first?["allow"] == "POST")
        #expect(String(decoding: peer.payload(id), as: UTF8.self).contains("application/grpc") == hasBody)
      }
    }
  }

  @Test("A refused request may still end in peace, and one that goes on with a long body is stopped")
  func refusedBody() async throws {
    try await withServer { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let fields = [HTTP2Field("content-type", "text/plain")]
        let quiet = try await peer.request(fields)
        _ = try await peer.readToEnd(quiet)
        try await peer.send { try $0.write(streamID: quiet, bytes: [1, 2, 3]) }
        try await peer.roundTrip()
        #expect(peer.closeCode(quiet) == nil)
        try await peer.send { try $0.finish(streamID: quiet) }
        _ = try await peer.read { $0.closeCode(quiet) != nil }
        #expect(peer.closeCode(quiet) == .noError)

        let loud = try await peer.request(fields)
        try await peer.send { try $0.write(streamID: loud, bytes: [UInt8](repeating: 0, count: 100_000)) }
        // Its windows are never opened: the reset is what ends it.
        _ = try await peer.read { $0.closeCode(loud) != nil }
        #expect(peer.sections(loud).first?[":status"] == "415")
        #expect(!peer.payload(loud).isEmpty && peer.closeCode(loud) == .noError)
        let next = try await peer.request(endStream: true)
        #expect(try await peer.readToEnd(next)["grpc-status"] == "0")
      }
    }
  }
}
