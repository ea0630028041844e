import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import TestSupport
import Testing

/// What the server answers to peers that aren't this transport's client.
@Suite(.timeLimit(.minutes(1))) struct RawClientTests {
  @Test(
    "Requests that aren't gRPC calls get the right answer",
    arguments: [
      ([HTTP2Field(":method", "GET")], ":status", "405"),
      ([HTTP2Field("content-type", "application/json")], ":status", "415"),
      ([HTTP2Field("content-type", "application/grpc-web")], ":status", "415"),
      ([HTTP2Field("content-type", "application/grpc+proto")], "grpc-status", "0"),
      ([HTTP2Field("content-type", "application/grpc;charset=utf-8")], "grpc-status", "0"),
      ([HTTP2Field(":path", "/only")], "grpc-status", "12"),
      ([HTTP2Field(":path", "/test.Service/Missing")], "grpc-status", "12"),
      ([HTTP2Field("grpc-encoding", "br")], "grpc-status", "12"),
      ([HTTP2Field("grpc-encoding", "identity")], "grpc-status", "0"),
      ([HTTP2Field("grpc-timeout", "soon")], "grpc-status", "13"),
      ([HTTP2Field("grpc-timeout", "99999999H")], "grpc-status", "0"),
      ([HTTP2Field("x-long", String(repeating: "a", count: 20_000))], ":status", "431"),
    ] as [([HTTP2Field], String, String)])
  func answers(fields: [HTTP2Field], name: String, value: String) async throws {
    try await withServer { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request(fields, endStream: true)
        let last = try await peer.readToEnd(id)
        #expect(last[name] == value)
        if fields.first?.value == "br" {
          #expect(last["grpc-accept-encoding"] == "gzip,identity")
        }
        // The connection is fine.
        let next = try await peer.request(endStream: true)
        #expect(try await peer.readToEnd(next)["grpc-status"] == "0")
      }
    }
  }

  @Test("A message may be cut anywhere, and several may share a frame")
  func framing() async throws {
    try await withServer { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let framed = try MessageFraming.frame([1, 2, 3], limit: 100)
        let id = try await peer.request()
        for byte in framed {
          try await peer.send { try $0.write(streamID: id, bytes: [byte]) }
        }
        try await peer.send { try $0.write(streamID: id, bytes: framed + framed) }
        try await peer.send { try $0.finish(streamID: id) }
        #expect(try await peer.readToEnd(id)["grpc-status"] == "0")
        #expect(peer.payload(id) == framed + framed + framed)
      }
    }
  }

  @Test(
    "Broken messages end their call",
    arguments: [
      ([1, 0, 0, 0, 1, 9], "13"),  // Compressed without an encoding.
      ([0, 0, 0, 0, 5, 1], "13"),  // Cut short.
      ([0, 0xff, 0xff, 0xff, 0xff], "8"),  // Larger than any limit.
    ] as [([UInt8], String)])
  func brokenMessages(bytes: [UInt8], status: String) async throws {
    try await withServer { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request(method: "Collect")
        try await peer.send { session in
          try session.write(streamID: id, bytes: bytes)
          try session.finish(streamID: id)
        }
        #expect(try await peer.readToEnd(id)["grpc-status"] == status)
      }
    }
  }

  @Test("Binary metadata is read padded, unpadded and joined by commas")
  func binaryMetadata() async throws {
    let service = TestService([
      "Count": { request, _ in
        let values = Array(request.metadata[binaryValues: "x-bin"])
        return StreamingServerResponse { writer in
          for value in values { try await writer.write(value) }
          return [:]
        }
      }
    ])
    try await withServer(service) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let fields = [HTTP2Field("x-bin", "AA=="), HTTP2Field("x-bin", "AA,AAE=, AAEC")]
        let id = try await peer.request(fields, method: "Count", endStream: true)
        _ = try await peer.readToEnd(id)
        let expected: [[UInt8]] = [[0], [0], [0, 1], [0, 1, 2]]
        #expect(try peer.payload(id) == expected.flatMap { try MessageFraming.frame($0, limit: 10) })
      }
    }
  }

  @Test("An answer that comes before the request is complete stops the request with NO_ERROR")
  func earlyAnswer() async throws {
    try await withServer { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request(method: "Missing")
        _ = try await peer.read { $0.closeCode(id) != nil }
        #expect(peer.sections(id).last?["grpc-status"] == "12")
        #expect(peer.closeCode(id) == .noError)
      }
    }
  }

  @Test("A refused request with trailers is answered once")
  func refusedWithTrailers() async throws {
    try await withServer { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let fields = [
          HTTP2Field(":method", "POST"), HTTP2Field(":scheme", "http"), HTTP2Field(":path", "/test.Service/Echo"),
          HTTP2Field(":authority", "test"), HTTP2Field("content-type", "text/html"),
        ]
        // Both sections in one burst, before the server has sent its answer.
        let id = try await peer.send { session in
          let id = try session.submitRequest(fields)
          try session.finish(streamID: id, trailers: [HTTP2Field("x", "y")])
          return id
        }
        _ = try await peer.readToEnd(id)
        #expect(peer.sections(id).map { $0[":status"] } == ["415"])
        let next = try await peer.request(endStream: true)
        #expect(try await peer.readToEnd(next)["grpc-status"] == "0")
      }
    }
  }

  @Test("Trailers of a request over the limit end the call with RESOURCE_EXHAUSTED")
  func largeTrailers() async throws {
    try await withServer { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request()
        try await peer.send {
          try $0.finish(streamID: id, trailers: [HTTP2Field("x-long", String(repeating: "a", count: 20_000))])
        }
        #expect(try await peer.readToEnd(id)["grpc-status"] == "8")
      }
    }
  }

  @Test(
    "An error overtakes messages of which nothing was sent, and resets the stream within one",
    arguments: [(1005, "8", nil), (1500, nil, .cancel)] as [(Int, String?, HTTP2ErrorCode?)])
  func errorWhileBlocked(window: Int, status: String?, reset: HTTP2ErrorCode?) async throws {
    let written = Counter()
    let service = TestService([
      "Flood": { _, _ in
        StreamingServerResponse { writer in
          while true {
            try await writer.write([UInt8](repeating: 1, count: 1000))
            written.add()
          }
        }
      }
    ])
    var client = HTTP2Configuration()
    client.streamWindowBytes = Int32(window)
    try await withServer(service) { _, endpoint in
      try await RawPeer.connect(to: endpoint, configuration: client) { peer in
        peer.opensWindows = false
        let id = try await peer.request(method: "Flood")
        _ = try await peer.read { $0.payload(id).count == window }
        try await eventually(until: { written.value > 10 })
        // The prefix of a message larger than any limit.
        try await peer.send { try $0.write(streamID: id, bytes: [0, 0xff, 0xff, 0xff, 0xff]) }
        _ = try await peer.read { $0.closeCode(id) != nil }
        #expect(peer.sections(id).last?["grpc-status"] == status)
        #expect(reset == nil || peer.closeCode(id) == reset)
      }
    }
  }

  @Test("Calls that were reset count against the limit for as long as their handlers run")
  func abandonedHandlers() async throws {
    let started = Event()
    let gate = Event()
    let service = TestService([
      "Stuck": { _, _ in
        started.happen()
        // Cancellation doesn't reach another task.
        await Task { await gate.wait() }.value
        return StreamingServerResponse { _ in [:] }
      }
    ])
    var server = Nghttp2ServerConfiguration.defaults
    server.maxConcurrentStreams = 1
    try await withServer(service, configuration: server) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request(method: "Stuck")
        await started.wait()
        try await peer.send { try $0.reset(streamID: id, code: .cancel) }
        let refused = try await peer.request(endStream: true)
        _ = try await peer.read { $0.closeCode(refused) != nil }
        #expect(peer.closeCode(refused) == .refusedStream)
        gate.happen()
        try await eventually(until: {
          let next = try await peer.request(endStream: true)
          _ = try await peer.read { $0.closeCode(next) != nil }
          return peer.closeCode(next) == .noError
        })
      }
    }
  }

  @Test("An error is a single header section")
  func trailersOnly() async throws {
    try await withServer { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request(method: "Fail", endStream: true)
        _ = try await peer.readToEnd(id)
        #expect(peer.sections(id).count == 1)
        #expect(peer.sections(id).first?[":status"] == "200")
        #expect(peer.sections(id).first?["content-type"] == "application/grpc")
      }
    }
  }

  @Test("A peer that sends garbage is disconnected, and others notice nothing", arguments: 0..<20)
  func garbage(seed: Int) async throws {
    try await withLoopback { client in
      _ = try await client.call("Echo")
    }
    try await withServer { _, endpoint in
      try await withClient([endpoint]) { client in
        try await client.expect("Echo", [1], answer: [1])
        try await RawPeer.connect(to: endpoint) { peer in
          if seed % 2 == 0 {
            let id = try await peer.request()
            _ = try await peer.read { _ in id > 0 }
          }
          try await peer.sendRaw((0..<300).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* 167 ^ $0 >> 3) })
          // Either it reads a GOAWAY, or the socket is closed under it.
          _ = try? await peer.read { _ in false }
        }
        try await client.expect("Echo", [2], answer: [2])
      }
    }
  }
}
