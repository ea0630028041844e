import GRPCCore
import Hummingbird
import ServiceKit
import TokenDomain

/// An operation of the public API: it decides how a fault is worded, and which refusals there are.
package enum Operation: Sendable, Hashable, CaseIterable {
  case ingest, predict

  /// What a caller must be allowed to do.
  var permission: Permission {
    switch self {
    case .ingest: .ingest
    case .predict: .predict
    }
  }

  /// The answer to every fault.
  var failure: APIError {
    switch self {
    case .ingest: .ingestFailed
    case .predict: .predictionFailed
    }
  }
}

extension APIError {
  /// The answer to an error behind the gateway. An error without a reason from a service is a fault, and a fault
  /// is a 502: never a 401, whatever its status.
  package init(_ error: any Error, during operation: Operation) {
    let refusal: APIError? =
      switch error {
      case let error as APIError: error
      case let error as ServiceError: APIError(refusal: error, of: operation)
      case let error as RPCError: ServiceError(error).flatMap { APIError(refusal: $0, of: operation) }
      default: nil
      }
    self = refusal ?? operation.failure.caused(by: error)
  }

  /// Nil: nothing that the operation can be refused for.
  private init?(refusal error: ServiceError, of operation: Operation) {
    switch (error.reason, operation) {
    case (.accessTokenMissing, _): self = .missingAccessToken
    case (.accessTokenInvalid, _): self = .invalidAccessToken
    case (.permissionDenied, _): self = .permissionDenied
    case (.rateLimited, _), (.engineBusy, _): self = .tooManyRequests(retryAfter: error.retryAfter)
    case (.quotaExceeded, .ingest): self = APIError(.forbidden, error.message)
    case (.tooManyRecords, .ingest): self = .bodyTooLarge
    case (.invalidArgument, .ingest): self = APIError(.badRequest, error.message)
    case (.dataSourceNotFound, .ingest): self = .dataSourceNotFound
    case (.dataSourceArchived, .ingest): self = APIError(.conflict, "Data source is archived.")
    case (.invalidArgument, .predict), (.invalidPredictionParameters, .predict): self = .invalidPredictionParameters
    case (.cardMissing, .predict): self = APIError(.paymentRequired, "Add a credit card before using the API.")
    case (.paymentFailed, .predict):
      self = APIError(.paymentRequired, "There is a payment issue. Add a new credit card.")
    case (.dataProfileNotFound, .predict): self = APIError(.notFound, "Data profile not found.")
    case (.dataProfileNotReady, .predict): self = APIError(.notFound, "Data profile is not ready to serve.")
    case (.notEnoughData, .predict): self = APIError(.conflict, "Not enough data for this data profile.")
    case (.idempotencyKeyReused, .predict):
      self = APIError(.conflict, "Idempotency key reused with a different request.")
    default: return nil
    }
  }
}

extension HTTPResponse.Status {
  /// 402, which the HTTP library leaves unnamed.
  static let paymentRequired = HTTPResponse.Status(code: 402, reasonPhrase: "Payment Required")
}
