package import GRPCCore

extension ServiceError {
  /// Why a service refuses. The raw value is the `reason` of `google.rpc.ErrorInfo`, part of the contract.
  package enum Reason: String, Sendable, CaseIterable {
    case accessTokenMissing = "ACCESS_TOKEN_MISSING"
    case accessTokenInvalid = "ACCESS_TOKEN_INVALID"
    case permissionDenied = "PERMISSION_DENIED"
    case sessionRequired = "SESSION_REQUIRED"
    case signInFailed = "SIGN_IN_FAILED"
    case invalidArgument = "INVALID_ARGUMENT"
    case accountExists = "ACCOUNT_EXISTS"
    case accessTokenNotFound = "ACCESS_TOKEN_NOT_FOUND"
    case sessionNotFound = "SESSION_NOT_FOUND"
    case dataSourceNotFound = "DATA_SOURCE_NOT_FOUND"
    case dataSourceArchived = "DATA_SOURCE_ARCHIVED"
    case dataSourceExists = "DATA_SOURCE_EXISTS"
    case dataSourceInUse = "DATA_SOURCE_IN_USE"
    case dataProfileNotFound = "DATA_PROFILE_NOT_FOUND"
    case dataProfileNotReady = "DATA_PROFILE_NOT_READY"
    case dataProfileExists = "DATA_PROFILE_EXISTS"
    case notEnoughData = "NOT_ENOUGH_DATA"
    case invalidPredictionParameters = "INVALID_PREDICTION_PARAMETERS"
    case cardMissing = "CARD_MISSING"
    case paymentFailed = "PAYMENT_FAILED"
    case paymentMethodUnknown = "PAYMENT_METHOD_UNKNOWN"
    case paymentMethodNotFound = "PAYMENT_METHOD_NOT_FOUND"
    case chargeNotFound = "CHARGE_NOT_FOUND"
    case idempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED"
    case quotaExceeded = "QUOTA_EXCEEDED"
    case rateLimited = "RATE_LIMITED"
    case engineBusy = "ENGINE_BUSY"
    case tooManyRecords = "TOO_MANY_RECORDS"
    case unavailable = "UNAVAILABLE"
  }
}

extension ServiceError.Reason {
  /// The gRPC status code that goes with the reason.
  package var code: RPCError.Code {
    switch self {
    case .accessTokenMissing, .accessTokenInvalid, .signInFailed: .unauthenticated
    case .permissionDenied, .sessionRequired: .permissionDenied
    case .invalidArgument, .invalidPredictionParameters, .paymentMethodUnknown: .invalidArgument
    case .accountExists, .dataSourceExists, .dataProfileExists: .alreadyExists
    case .accessTokenNotFound, .sessionNotFound, .dataSourceNotFound, .dataProfileNotFound, .paymentMethodNotFound,
      .chargeNotFound:
      .notFound
    case .dataSourceArchived, .dataSourceInUse, .dataProfileNotReady, .notEnoughData, .cardMissing, .paymentFailed:
      .failedPrecondition
    case .idempotencyKeyReused: .aborted
    case .quotaExceeded, .rateLimited, .engineBusy: .resourceExhausted
    case .tooManyRecords: .outOfRange
    case .unavailable: .unavailable
    }
  }

  /// What the reason says by itself: the public API's text where the reason has one there.
  package var defaultMessage: String {
    switch self {
    case .accessTokenMissing: "Missing access token."
    case .accessTokenInvalid: "Invalid access token."
    case .permissionDenied: "This access token lacks the required permission."
    case .sessionRequired: "This call needs a dashboard session, not an access token."
    case .signInFailed: "The e-mail address and the password do not belong together."
    case .invalidArgument: "Invalid argument."
    case .accountExists: "An account with this e-mail address exists."
    case .accessTokenNotFound: "Access token not found."
    case .sessionNotFound: "Session not found."
    case .dataSourceNotFound: "Data source not found."
    case .dataSourceArchived: "Data source is archived."
    case .dataSourceExists: "A data source by this name exists."
    case .dataSourceInUse: "Data profiles read this data source."
    case .dataProfileNotFound: "Data profile not found."
    case .dataProfileNotReady: "Data profile is not ready to serve."
    case .dataProfileExists: "A data profile by this name exists."
    case .notEnoughData: "Not enough data for this data profile."
    case .invalidPredictionParameters: "Invalid prediction parameters."
    case .cardMissing: "Add a credit card before using the API."
    case .paymentFailed: "There is a payment issue. Add a new credit card."
    case .paymentMethodUnknown: "The payment provider does not know this payment method."
    case .paymentMethodNotFound: "No card is on file."
    case .chargeNotFound: "Charge not found."
    case .idempotencyKeyReused: "Idempotency key reused with a different request."
    case .quotaExceeded: "An account may have no more of these."
    case .rateLimited, .engineBusy: "Too many requests."
    case .tooManyRecords: "Request body too large."
    case .unavailable: "The service is not available."
    }
  }
}
