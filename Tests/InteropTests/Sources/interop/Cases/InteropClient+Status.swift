import GRPCCore
import InteropAPI

extension InteropClient {
  func statusCodeAndMessage() async throws {
    let status = Grpc_Testing_EchoStatus(code: 2, message: "test status message")
    try await self.expectEcho(of: status)
    try await self.expectStatus(.unknown, message: status.message) {
      try await self.service.fullDuplexCall(options: self.options()) { writer in
        var request = Grpc_Testing_StreamingOutputCallRequest()
        request.responseStatus = status
        try await writer.write(request)
      } onResponse: { response in
        for try await _ in response.messages {}
      }
    }
  }

  func specialStatusMessage() async throws {
    try await self.expectEcho(
      of: Grpc_Testing_EchoStatus(
        code: 2, message: "\t\ntest with whitespace\r\nand Unicode BMP \u{263A} and non-BMP \u{1F608}\t\n"))
  }

  func unimplementedMethod() async throws {
    try await self.expectStatus(.unimplemented) {
      _ = try await self.service.unimplementedCall(Grpc_Testing_Empty(), options: self.options())
    }
  }

  func callUnimplementedService() async throws {
    try await self.expectStatus(.unimplemented) {
      _ = try await self.unimplementedService.unimplementedCall(Grpc_Testing_Empty(), options: self.options())
    }
  }

  func everyStatusCode() async throws {
    for code: Int32 in 1...16 {
      try await self.expectEcho(of: Grpc_Testing_EchoStatus(code: code, message: "status \(code)"))
    }
  }

  /// Has the server answer a unary call with a status.
  private func expectEcho(of status: Grpc_Testing_EchoStatus) async throws {
    guard let code = Status.Code(rawValue: Int(status.code)).flatMap({ RPCError.Code($0) }) else {
      throw CaseFailure("there is no status code \(status.code)")
    }
    var request = Grpc_Testing_SimpleRequest()
    request.responseStatus = status
    try await self.expectStatus(code, message: status.message) { [request] in
      _ = try await self.service.unaryCall(request, options: self.options())
    }
  }

  /// Throws unless `call` ends with a status.
  func expectStatus(
    _ code: RPCError.Code, message: String? = nil, of call: () async throws -> Void
  ) async throws {
    do {
      try await call()
    } catch let error as RPCError {
      try expect(error.code, is: code, "the status code (\(error.message))")
      if let message {
        try expect(error.message, is: message, "the status message")
      }
      return
    }
    throw CaseFailure("the call succeeded, and should have ended with \(code)")
  }
}
