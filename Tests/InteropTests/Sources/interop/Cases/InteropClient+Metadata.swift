import GRPCCore
import InteropAPI

/// The metadata that a server sends back.
enum EchoedMetadata {
  static let initialKey = "x-grpc-test-echo-initial"
  static let trailingKey = "x-grpc-test-echo-trailing-bin"
}

private let initialValue = "test_initial_metadata_value"
private let trailingValue: [UInt8] = [0xab, 0xab, 0xab]

extension InteropClient {
  func customMetadata() async throws {
    var metadata = Metadata()
    metadata.addString(initialValue, forKey: EchoedMetadata.initialKey)
    metadata.addBinary(trailingValue, forKey: EchoedMetadata.trailingKey)

    try await self.service.unaryCall(.large, metadata: metadata, options: self.options()) { response in
      try expect(response.message.payload, is: .zeros(314_159), "the response's payload")
      try self.expectEcho(initial: response.metadata, trailing: response.trailingMetadata)
    }
    try await self.service.fullDuplexCall(metadata: metadata, options: self.options()) { writer in
      try await writer.write(Grpc_Testing_StreamingOutputCallRequest(responses: [314_159], payload: 271_828))
    } onResponse: { response in
      var payloads: [Grpc_Testing_Payload] = []
      var trailing = Metadata()
      for try await part in try response.accepted.get().bodyParts {
        switch part {
        case .message(let message): payloads.append(message.payload)
        case .trailingMetadata(let metadata): trailing = metadata
        }
      }
      try expect(payloads, is: [.zeros(314_159)], "the responses' payloads")
      try self.expectEcho(initial: response.metadata, trailing: trailing)
    }
  }

  private func expectEcho(initial: Metadata, trailing: Metadata) throws {
    try expect(
      Array(initial[stringValues: EchoedMetadata.initialKey]), is: [initialValue], "the initial metadata")
    try expect(
      Array(trailing[binaryValues: EchoedMetadata.trailingKey]), is: [trailingValue], "the trailing metadata")
  }
}
