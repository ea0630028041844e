import GRPCCore
import InteropAPI

extension InteropClient {
  func timeoutOnSleepingServer() async throws {
    // The time is not for connecting.
    try await self.emptyUnary()
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

  /// The handler of a call that is cancelled hears of it.
  func cancelledHandler() async throws {
    let metadata: Metadata = [ObservedCalls.idKey: "\(UInt64.random(in: 0 ... .max))"]
    let call = Task {
      _ = try await self.service.streamingInputCall(metadata: metadata, options: self.options()) { _ in
        try await Task.sleep(for: callTimeLimit)
      }
    }
    try await self.wait(for: [.begun], of: metadata)
    call.cancel()
    try await self.expectCancelled(call)
    let isSeen = self.lacking.isDisjoint(with: [.clientAbandonsRequests, .serverSeesCancellation])
    try await self.wait(for: isSeen ? [.cancelled] : [.cancelled, .ended], of: metadata)
  }

  /// Asks the server until the handler of the call with this metadata is in one of some states.
  private func wait(for states: [ObservedCalls.State], of metadata: Metadata) async throws {
    let deadline = ContinuousClock.now + callTimeLimit
    while true {
      let found = try await self.service.emptyCall(Grpc_Testing_Empty(), metadata: metadata, options: self.options()) {
        Array($0.trailingMetadata[stringValues: ObservedCalls.stateKey])
      }
      guard !states.contains(where: { found == [$0.rawValue] }) else { return }
      guard ContinuousClock.now < deadline else {
        throw CaseFailure("the handler is \(found), and should be \(states)")
      }
      try await Task.sleep(for: .milliseconds(1))
    }
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
