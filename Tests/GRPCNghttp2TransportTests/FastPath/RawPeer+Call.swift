import HTTP2Session

extension RawPeer {
  /// Sends a whole request in one burst: headers, `body`, trailers; without a body the headers end it.
  func call(
    _ fields: [HTTP2Field] = [], method: String = "Echo", body: [UInt8]?, trailers: [HTTP2Field]? = nil
  ) async throws -> Int32 {
    let usual = [
      HTTP2Field(":method", "POST"), HTTP2Field(":scheme", "http"), HTTP2Field(":path", "/test.Service/\(method)"),
      HTTP2Field(":authority", "test"), HTTP2Field("te", "trailers"), HTTP2Field("content-type", "application/grpc"),
    ]
    return try await self.send { session in
      let id = try session.submitRequest(usual + fields, endStream: body == nil)
      if let body {
        try session.write(streamID: id, bytes: body)
        try session.finish(streamID: id, trailers: trailers)
      }
      return id
    }
  }

  /// Returns once the other side has read everything sent so far.
  func roundTrip() async throws {
    let payload = UInt64.random(in: 0 ... .max)
    try await self.send { try $0.ping(payload: payload) }
    _ = try await self.read { $0.events.contains(.pingAcknowledged(payload: payload)) }
  }
}
