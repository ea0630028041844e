import GRPCCore
import Hummingbird
import Logging
import ServiceKit

extension ServiceError {
  /// Reads what a service refused. `nil`: it was no refusal but a fault.
  init?(anyOf error: any Error) {
    if let error = error as? ServiceError {
      self = error
    } else if let error = error as? RPCError {
      self.init(error)
    } else {
      return nil
    }
  }

  /// The refusal of what a person asked for, to be said on the page that asked.
  /// - Throws: The error itself when it is none of these reasons: a fault, or the end of the session.
  static func refusal(in error: any Error, _ reasons: Reason...) throws -> ServiceError {
    guard let refusal = ServiceError(anyOf: error), reasons.contains(refusal.reason) else { throw error }
    return refusal
  }
}

extension ServiceError {
  /// The message as a sentence. The name of a field, with which it may begin, stays as it is written: `page_token must
  /// be…`.
  var sentence: String {
    let word = message.prefix { !$0.isWhitespace }
    let isField = word.contains("_") || violations.contains { $0.field.split(separator: ".").last == word }
    return isField ? message.withFullStop : message.asSentence
  }
}

extension ServiceError.Reason {
  /// The status of the page that says so.
  var pageStatus: HTTPResponse.Status {
    switch self {
    case .accessTokenMissing, .accessTokenInvalid, .permissionDenied, .sessionRequired, .quotaExceeded: .forbidden
    case .signInFailed, .invalidArgument, .invalidPredictionParameters, .paymentMethodUnknown: .unprocessableContent
    case .accessTokenNotFound, .sessionNotFound, .dataSourceNotFound, .dataProfileNotFound, .paymentMethodNotFound,
      .chargeNotFound:
      .notFound
    case .accountExists, .dataSourceExists, .dataProfileExists, .dataSourceArchived, .dataSourceInUse,
      .dataProfileNotReady, .notEnoughData, .cardMissing, .paymentFailed, .idempotencyKeyReused:
      .conflict
    case .rateLimited, .engineBusy: .tooManyRequests
    case .tooManyRecords: .contentTooLarge
    case .unavailable: .badGateway
    }
  }
}

extension FaultLog {
  /// Notes an error that is a fault, of which a page has something to say.
  /// - Parameter page: The path's template, which may be logged where the path may not.
  /// - Throws: The error itself when it is a refusal, or the end of what asked: a call that was cancelled says so in
  ///   words of its own.
  func noteFault(_ error: any Error, _ event: Logger.Message, kind: String, page: String) throws {
    if error is CancellationError || Task.isCancelled { throw error }
    if let refusal = ServiceError(anyOf: error), refusal.reason != .unavailable { throw error }
    note(event, kind: kind, error, metadata: ["page": "\(page)"])
  }
}
