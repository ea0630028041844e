import GRPCCore
import InteropAPI

/// What some of the streaming cases send, in bytes.
private let requestSizes = [27_182, 8, 1_828, 45_904]
/// What some of the streaming cases ask for, in bytes.
private let responseSizes = [31_415, 9, 2_653, 58_979]

extension InteropClient {
  func clientStreaming() async throws {
    let response = try await self.service.streamingInputCall(options: self.options()) { writer in
      for size in requestSizes {
        try await writer.write(Grpc_Testing_StreamingInputCallRequest(payload: size))
      }
    }
    try expect(response.aggregatedPayloadSize, is: 74_922, "aggregated_payload_size")
  }

  func serverStreaming() async throws {
    let payloads = try await self.service.streamingOutputCall(
      Grpc_Testing_StreamingOutputCallRequest(responses: responseSizes), options: self.options()
    ) { response in
      try await response.messages.reduce(into: []) { $0.append($1.payload) }
    }
    try expect(payloads, is: responseSizes.map { .zeros($0) }, "the responses' payloads")
  }

  func pingPong() async throws {
    let (replies, replied) = AsyncStream.makeStream(of: Void.self)
    let payloads = try await self.service.fullDuplexCall(options: self.options()) { writer in
      var replies = replies.makeAsyncIterator()
      for (requestSize, responseSize) in zip(requestSizes, responseSizes) {
        try await writer.write(
          Grpc_Testing_StreamingOutputCallRequest(responses: [responseSize], payload: requestSize))
        await replies.next()
      }
    } onResponse: { response in
      defer { replied.finish() }
      var payloads: [Grpc_Testing_Payload] = []
      for try await message in response.messages {
        payloads.append(message.payload)
        replied.yield()
      }
      return payloads
    }
    try expect(payloads, is: responseSizes.map { .zeros($0) }, "the responses' payloads")
  }

  func emptyStream() async throws {
    let count = try await self.service.fullDuplexCall(options: self.options()) { _ in
    } onResponse: { response in
      try await response.messages.reduce(0) { count, _ in count + 1 }
    }
    try expect(count, is: 0, "the number of responses")
  }
}
