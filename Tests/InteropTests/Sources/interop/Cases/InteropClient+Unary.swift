import GRPCCore
import InteropAPI

extension InteropClient {
  func emptyUnary() async throws {
    let response = try await self.service.emptyCall(Grpc_Testing_Empty(), options: self.options())
    try expect(response, is: Grpc_Testing_Empty(), "the response")
  }

  func largeUnary() async throws {
    let response = try await self.service.unaryCall(.large, options: self.options())
    try expect(response.payload, is: .zeros(314_159), "the response's payload")
  }
}
