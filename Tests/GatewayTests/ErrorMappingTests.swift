import GRPCCore
import Gateway
import Hummingbird
import ServiceKit
import Testing
import TokenDomain

@Suite struct ErrorMappingTests {
  /// What each endpoint can be refused for. Every reason that is not here is a fault.
  static let refusals: [Gateway.Operation: [ServiceError.Reason: Int]] = [
    .ingest: [
      .accessTokenMissing: 401, .accessTokenInvalid: 401, .permissionDenied: 403, .rateLimited: 429, .engineBusy: 429,
      .tooManyRecords: 413, .invalidArgument: 400, .dataSourceNotFound: 404, .dataSourceArchived: 409,
      .quotaExceeded: 403,
    ],
    .predict: [
      .accessTokenMissing: 401, .accessTokenInvalid: 401, .permissionDenied: 403, .rateLimited: 429, .engineBusy: 429,
      .invalidArgument: 400, .invalidPredictionParameters: 400, .cardMissing: 402, .paymentFailed: 402,
      .dataProfileNotFound: 404, .dataProfileNotReady: 404, .notEnoughData: 409, .idempotencyKeyReused: 409,
    ],
  ]

  @Test("Every reason has its status, over the wire and not", arguments: Gateway.Operation.allCases)
  func reasons(_ operation: Gateway.Operation) {
    for reason in ServiceError.Reason.allCases {
      let error = ServiceError(reason)
      let status = Self.refusals[operation]?[reason] ?? 502
      #expect(APIError(error, during: operation).status.code == status, "\(reason)")
      #expect(APIError(RPCError(error), during: operation).status.code == status, "\(reason)")
    }
  }

  @Test(
    "A status that no service gave a reason for is a fault, 401 and 403 included", arguments: Gateway.Operation.allCases
  )
  func codes(_ operation: Gateway.Operation) {
    let codes: [RPCError.Code] = [
      .cancelled, .unknown, .invalidArgument, .deadlineExceeded, .notFound, .alreadyExists, .permissionDenied,
      .resourceExhausted, .failedPrecondition, .aborted, .outOfRange, .unimplemented, .internalError, .unavailable,
      .dataLoss, .unauthenticated,
    ]
    let detail = operation == .ingest ? "Ingest failed." : "Prediction failed."
    for code in codes {
      let error = APIError(RPCError(code: code, message: "secret"), during: operation)
      #expect(error == APIError(.badGateway, detail))
    }
    #expect(APIError(CancellationError(), during: operation) == APIError(.badGateway, detail))
  }

  @Test(
    "Retry-After is in whole seconds, rounded up and at least 1",
    arguments: [
      (nil, "1"), (.zero, "1"), (.milliseconds(1), "1"), (.seconds(1), "1"), (.milliseconds(1_001), "2"),
      (.seconds(30), "30"),
    ] as [(Duration?, String)])
  func retryAfter(_ wait: Duration?, _ seconds: String) {
    let error = RPCError(ServiceError(.rateLimited, retryAfter: wait))
    #expect(APIError(error, during: .predict).headers[.retryAfter] == seconds)
  }

  @Test("A service's own words about a bad record reach the client, escaped")
  func words() throws {
    let error = APIError(ServiceError(.invalidArgument, #"records[0].name must not be "x""#), during: .ingest)
    #expect(error.detail == #"records[0].name must not be "x""#)
  }
}
