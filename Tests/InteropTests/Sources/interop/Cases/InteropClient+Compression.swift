import GRPCCore
import InteropAPI

// That what was asked for is on the wire is not for a client to see: the relay between the peers looks at it.
extension InteropClient {
  func clientCompressedUnary() async throws {
    var request = Grpc_Testing_SimpleRequest.large
    request.expectCompressed = Grpc_Testing_BoolValue(true)
    if !self.lacking.contains(.serverSeesCompression) {
      try await self.expectStatus(.invalidArgument) { [request] in
        _ = try await self.service.unaryCall(request, options: self.options(compression: CompressionAlgorithm.none))
      }
    }
    let compressed = try await self.service.unaryCall(request, options: self.options(compression: .gzip))
    try expect(compressed.payload, is: .zeros(314_159), "the first payload")

    request.expectCompressed = Grpc_Testing_BoolValue(false)
    let plain = try await self.service.unaryCall(request, options: self.options(compression: CompressionAlgorithm.none))
    try expect(plain.payload, is: .zeros(314_159), "the second payload")
  }

  func clientCompressedStreaming() async throws {
    if !self.lacking.contains(.serverSeesCompression) {
      try await self.expectStatus(.invalidArgument) {
        _ = try await self.service.streamingInputCall(options: self.options(compression: CompressionAlgorithm.none)) {
          try await $0.write(Grpc_Testing_StreamingInputCallRequest(payload: 27_182, expectCompressed: true))
        }
      }
    }
    let response = try await self.service.streamingInputCall(options: self.options(compression: .gzip)) { writer in
      try await writer.write(Grpc_Testing_StreamingInputCallRequest(payload: 27_182, expectCompressed: true))
      try await writer.write(Grpc_Testing_StreamingInputCallRequest(payload: 45_904, expectCompressed: false))
    }
    try expect(response.aggregatedPayloadSize, is: 73_086, "aggregated_payload_size")
  }

  func serverCompressedUnary() async throws {
    var request = Grpc_Testing_SimpleRequest.large
    for isCompressed in [true, false] {
      request.responseCompressed = Grpc_Testing_BoolValue(isCompressed)
      let response = try await self.service.unaryCall(request, options: self.options())
      try expect(response.payload, is: .zeros(314_159), "the payload when response_compressed is \(isCompressed)")
    }
  }

  func serverCompressedStreaming() async throws {
    var request = Grpc_Testing_StreamingOutputCallRequest(responses: [31_415, 92_653])
    request.responseParameters[0].compressed = Grpc_Testing_BoolValue(true)
    request.responseParameters[1].compressed = Grpc_Testing_BoolValue(false)
    let payloads = try await self.service.streamingOutputCall(request, options: self.options()) { response in
      try await response.messages.reduce(into: []) { $0.append($1.payload) }
    }
    try expect(payloads, is: [.zeros(31_415), .zeros(92_653)], "the responses' payloads")
  }
}
