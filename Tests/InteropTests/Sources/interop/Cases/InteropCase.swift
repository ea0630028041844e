/// The cases of gRPC's interoperability tests that need no cloud, and two of ours after them.
///
/// Source: https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md
enum InteropCase: String, CaseIterable {
  case emptyUnary = "empty_unary"
  case largeUnary = "large_unary"
  case clientStreaming = "client_streaming"
  case serverStreaming = "server_streaming"
  case pingPong = "ping_pong"
  case emptyStream = "empty_stream"
  case clientCompressedUnary = "client_compressed_unary"
  case serverCompressedUnary = "server_compressed_unary"
  case clientCompressedStreaming = "client_compressed_streaming"
  case serverCompressedStreaming = "server_compressed_streaming"
  case timeoutOnSleepingServer = "timeout_on_sleeping_server"
  case cancelAfterBegin = "cancel_after_begin"
  case cancelAfterFirstResponse = "cancel_after_first_response"
  case customMetadata = "custom_metadata"
  case statusCodeAndMessage = "status_code_and_message"
  case specialStatusMessage = "special_status_message"
  case unimplementedMethod = "unimplemented_method"
  case unimplementedService = "unimplemented_service"
  case everyStatusCode = "every_status_code"
  case cancelledHandler = "cancelled_handler"

  /// What the peers must be able to do for the whole of the case.
  var needs: [Capability] {
    switch self {
    case .clientCompressedUnary: [.serverSeesCompression]
    case .clientCompressedStreaming: [.serverSeesCompression, .clientChoosesPerMessage]
    case .serverCompressedUnary, .serverCompressedStreaming: [.serverChoosesPerResponse]
    case .cancelAfterBegin, .cancelAfterFirstResponse: [.clientReportsCancelled]
    case .cancelledHandler: [.clientReportsCancelled, .clientAbandonsRequests, .serverSeesCancellation]
    default: []
    }
  }

  /// The compressed-flags that must be on the wire, when the peers lack some capabilities; nil when they don't matter.
  func expectedFlags(lacking: Set<Capability>) -> CompressedFlags? {
    let probe: [[UInt8]] = lacking.contains(.serverSeesCompression) ? [] : [[0]]
    let plainRequest: UInt8 = lacking.contains(.clientChoosesPerMessage) ? 1 : 0
    let plainResponse: UInt8 = lacking.contains(.serverChoosesPerResponse) ? 1 : 0
    return switch self {
    case .clientCompressedUnary: CompressedFlags(requests: probe + [[1], [0]])
    case .clientCompressedStreaming: CompressedFlags(requests: probe + [[1, plainRequest]])
    case .serverCompressedUnary: CompressedFlags(responses: [[1], [plainResponse]])
    case .serverCompressedStreaming: CompressedFlags(responses: [[1, plainResponse]])
    default: nil
    }
  }
}
