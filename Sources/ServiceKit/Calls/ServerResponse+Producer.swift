import GRPCCore

extension StreamingServerResponse {
  /// The same response, with `wrap` around what streams its messages once the handler has returned.
  ///
  /// `wrap` runs the original producer and returns the trailing metadata. It is not called for a rejected call.
  func mappingProducer(
    _ wrap: @escaping @Sendable (_ produce: @Sendable () async throws -> Metadata) async throws -> Metadata
  ) -> Self {
    var response = self
    if case .success(var contents) = accepted {
      let producer = contents.producer
      contents.producer = { writer in try await wrap { try await producer(writer) } }
      response.accepted = .success(contents)
    }
    return response
  }
}

extension TaskLocal {
  /// Binds a value while a call is answered: for the handler, and for what streams the response after it has returned.
  func withValue<Output: Sendable>(
    _ value: Value, respond: () async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    try await withValue(value, operation: respond).mappingProducer { produce in
      try await self.withValue(value, operation: produce)
    }
  }
}
