import GRPCCore
import InteropAPI

extension InteropClient {
  func timeoutOnSleepingServer() async throws {
    var options = self.options()
    options.timeout = .milliseconds(1)
    try await self.expectStatus(.deadlineExceeded) { [options] in
      try await self.service.fullDuplexCall(options: options) { writer in
        try await writer.write(Grpc_Testing_StreamingOutputCallRequest(responses: [], payload: 27_182))
        try await Task.sleep(for: callTimeLimit)
      } onResponse: { response in
        for try await _ in response.messages {}
      }
    }
  }

  func cancelAfterBegin() async throws {
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let call = Task {
      _ = try await self.service.streamingInputCall(options: self.options()) { _ in
        begin.finish()
        try await Task.sleep(for: callTimeLimit)
      }
    }
    for await _ in begun {}
    call.cancel()
    try await self.expectCancelled(call)
  }

  func cancelAfterFirstResponse() async throws {
    let (answers, answered) = AsyncStream.makeStream(of: Grpc_Testing_Payload.self)
    let call = Task {
      defer { answered.finish() }
      try await self.service.fullDuplexCall(options: self.options()) { writer in
        try await writer.write(Grpc_Testing_StreamingOutputCallRequest(responses: [31_415], payload: 27_182))
        try await Task.sleep(for: callTimeLimit)
      } onResponse: { response in
        for try await message in response.messages {
          answered.yield(message.payload)
        }
      }
    }
    for await payload in answers {
      try expect(payload, is: .zeros(31_415), "the first response's payload")
      call.cancel()
    }
    try await self.expectCancelled(call)
  }

  private func expectCancelled(_ call: Task<Void, any Error>) async throws {
    guard self.lacking.contains(.clientReportsCancelled) else {
      return try await self.expectStatus(.cancelled) { try await call.value }
    }
    do {
      try await call.value
    } catch let error as RPCError where error.code == .deadlineExceeded {
      throw error
    } catch {
      return
    }
    throw CaseFailure("the call succeeded, and should have been cancelled")
  }
}
