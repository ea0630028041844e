import GRPCCore
import ServiceKit
import Testing

@Suite struct ServiceErrorTests {
  @Test("Each reason comes back from the status that it becomes", arguments: ServiceError.Reason.allCases)
  func roundTrip(reason: ServiceError.Reason) throws {
    let error = ServiceError(reason, "What went wrong.", retryAfter: .seconds(3))
    let status = RPCError(error)
    #expect(status.code == reason.code)
    #expect(status.message == "What went wrong.")
    #expect(ServiceError(status) == error)
  }

  @Test("The fields that break a rule come back with it") func violations() throws {
    let error = ServiceError(violating: "settings.names", "must be 1 to 64 names")
    #expect(error.message == "names must be 1 to 64 names.")
    let read = try #require(ServiceError(RPCError(error)))
    #expect(read.reason == .invalidArgument)
    #expect(read.violations == [FieldViolation(field: "settings.names", rule: "must be 1 to 64 names")])
  }

  @Test("A status without a reason of ours is no refusal") func foreign() {
    #expect(ServiceError(RPCError(code: .unauthenticated, message: "no")) == nil)
    let garbage: Metadata = ["grpc-status-details-bin": .binary([1, 2, 3])]
    #expect(ServiceError(RPCError(code: .notFound, message: "no", metadata: garbage)) == nil)
  }

  @Test("What the public API says is what the reasons say") func texts() {
    #expect(ServiceError(.cardMissing).message == "Add a credit card before using the API.")
    #expect(ServiceError(.paymentFailed).message == "There is a payment issue. Add a new credit card.")
    #expect(ServiceError(.accessTokenInvalid).message == "Invalid access token.")
  }
}
