import GRPCCore
import InteropAPI

extension TestService {
  func streamingInputCall(
    request: StreamingServerRequest<Grpc_Testing_StreamingInputCallRequest>, context: ServerContext
  ) async throws -> ServerResponse<Grpc_Testing_StreamingInputCallResponse> {
    var response = Grpc_Testing_StreamingInputCallResponse()
    self.observed.note(.begun, request.metadata)
    do {
      for try await message in request.messages {
        if message.hasExpectCompressed, message.expectCompressed.value {
          try context.requireCompressedRequest(request.metadata)
        }
        response.aggregatedPayloadSize += Int32(message.payload.body.count)
      }
      self.observed.note(.ended, request.metadata)
    } catch {
      self.observed.note(.cancelled, request.metadata)
      throw error
    }
    return ServerResponse(
      message: response, metadata: request.metadata.echoedInitially, trailingMetadata: request.metadata.echoedAtTheEnd)
  }

  func streamingOutputCall(
    request: ServerRequest<Grpc_Testing_StreamingOutputCallRequest>, context: ServerContext
  ) async throws -> StreamingServerResponse<Grpc_Testing_StreamingOutputCallResponse> {
    // Headers announce compression, so it has to be on before they go out, whatever the first message is to be.
    context.compressResponses(request.message.responseParameters.contains { $0.compressed.value })
    return StreamingServerResponse(metadata: request.metadata.echoedInitially) { writer in
      try await self.answer(request.message, with: writer, context: context)
      return request.metadata.echoedAtTheEnd
    }
  }

  func fullDuplexCall(
    request: StreamingServerRequest<Grpc_Testing_StreamingOutputCallRequest>, context: ServerContext
  ) async throws -> StreamingServerResponse<Grpc_Testing_StreamingOutputCallResponse> {
    StreamingServerResponse(metadata: request.metadata.echoedInitially) { writer in
      for try await message in request.messages {
        try await self.answer(message, with: writer, context: context)
      }
      return request.metadata.echoedAtTheEnd
    }
  }

  func halfDuplexCall(
    request: StreamingServerRequest<Grpc_Testing_StreamingOutputCallRequest>, context: ServerContext
  ) async throws -> StreamingServerResponse<Grpc_Testing_StreamingOutputCallResponse> {
    let messages = try await request.messages.reduce(into: []) { $0.append($1) }
    return StreamingServerResponse(metadata: request.metadata.echoedInitially) { writer in
      for message in messages {
        try await self.answer(message, with: writer, context: context)
      }
      return request.metadata.echoedAtTheEnd
    }
  }

  private func answer(
    _ message: Grpc_Testing_StreamingOutputCallRequest,
    with writer: RPCWriter<Grpc_Testing_StreamingOutputCallResponse>, context: ServerContext
  ) async throws {
    try message.responseStatus.throwUnlessOK()
    for parameters in message.responseParameters {
      if parameters.intervalUs > 0 {
        try await Task.sleep(for: .microseconds(parameters.intervalUs))
      }
      if parameters.hasCompressed {
        context.compressResponses(parameters.compressed.value)
      }
      var response = Grpc_Testing_StreamingOutputCallResponse()
      response.payload = try .answer(type: message.responseType, size: parameters.size)
      try await writer.write(response)
    }
  }
}
