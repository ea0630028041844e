import GRPCCore

extension TaskLocal {
  /// Binds a value while a call is answered: for the handler, and for what streams the response after it has returned.
  func withValue<Output: Sendable>(
    _ value: Value, respond: () async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    var response = try await withValue(value, operation: respond)
    if case .success(var contents) = response.accepted {
      let producer = contents.producer
      contents.producer = { writer in
        try await self.withValue(value) { try await producer(writer) }
      }
      response.accepted = .success(contents)
    }
    return response
  }
}
