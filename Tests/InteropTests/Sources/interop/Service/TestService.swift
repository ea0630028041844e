import FoundationEssentials
import GRPCCore
import InteropAPI

/// `grpc.testing.TestService`, over any transport.
struct TestService: Grpc_Testing_TestService.ServiceProtocol {
  let observed = ObservedCalls()

  func emptyCall(
    request: ServerRequest<Grpc_Testing_Empty>, context: ServerContext
  ) async throws -> ServerResponse<Grpc_Testing_Empty> {
    ServerResponse(message: Grpc_Testing_Empty(), trailingMetadata: self.observed.state(request.metadata))
  }

  func unaryCall(
    request: ServerRequest<Grpc_Testing_SimpleRequest>, context: ServerContext
  ) async throws -> ServerResponse<Grpc_Testing_SimpleResponse> {
    let message = request.message
    if message.hasExpectCompressed, message.expectCompressed.value {
      try context.requireCompressedRequest(request.metadata)
    }
    try message.responseStatus.throwUnlessOK()
    if message.hasResponseCompressed {
      context.compressResponses(message.responseCompressed.value)
    }
    var response = Grpc_Testing_SimpleResponse()
    response.payload = try .answer(type: message.responseType, size: message.responseSize)
    return ServerResponse(
      message: response, metadata: request.metadata.echoedInitially, trailingMetadata: request.metadata.echoedAtTheEnd)
  }

  func cacheableUnaryCall(
    request: ServerRequest<Grpc_Testing_SimpleRequest>, context: ServerContext
  ) async throws -> ServerResponse<Grpc_Testing_SimpleResponse> {
    var response = Grpc_Testing_SimpleResponse()
    response.payload.body = Data(String(Int(Date().timeIntervalSince1970 * 1e9)).utf8)
    return ServerResponse(message: response, metadata: ["cache-control": "max-age=60, public"])
  }

  func unimplementedCall(
    request: ServerRequest<Grpc_Testing_Empty>, context: ServerContext
  ) async throws -> ServerResponse<Grpc_Testing_Empty> {
    throw RPCError(code: .unimplemented, message: "No server implements this method.")
  }
}

extension Grpc_Testing_Payload {
  /// A payload as a request asks for; throws INVALID_ARGUMENT for one that can't be made.
  static func answer(type: Grpc_Testing_PayloadType = .compressable, size: Int32) throws(RPCError) -> Self {
    guard type == .compressable, size >= 0 else {
      throw RPCError(code: .invalidArgument, message: "There is no payload of type \(type.rawValue) and size \(size).")
    }
    return .zeros(Int(size))
  }
}

extension Grpc_Testing_EchoStatus {
  /// Ends the call as the client asked.
  func throwUnlessOK() throws(RPCError) {
    guard self.code != 0 else { return }
    guard let code = Status.Code(rawValue: Int(self.code)).flatMap({ RPCError.Code($0) }) else {
      throw RPCError(code: .invalidArgument, message: "There is no status code \(self.code).")
    }
    throw RPCError(code: code, message: self.message)
  }
}

extension Metadata {
  /// What comes back before the first response.
  var echoedInitially: Metadata {
    var metadata = Metadata()
    for value in self[stringValues: EchoedMetadata.initialKey] {
      metadata.addString(value, forKey: EchoedMetadata.initialKey)
    }
    return metadata
  }

  /// What comes back after the last response.
  var echoedAtTheEnd: Metadata {
    var metadata = Metadata()
    for value in self[binaryValues: EchoedMetadata.trailingKey] {
      metadata.addBinary(value, forKey: EchoedMetadata.trailingKey)
    }
    return metadata
  }
}
