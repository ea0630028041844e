package import GRPCCore
import GRPCProtobuf

/// A field of a request that breaks a rule (`google.rpc.BadRequest.FieldViolation`).
package struct FieldViolation: Sendable, Hashable {
  /// The field's path in the request message, such as `settings.names`.
  package let field: String
  /// What the field must be, as the rest of a sentence that begins with its name: `must be 1 to 64 names`.
  package let rule: String

  /// Creates a violation.
  package init(field: String, rule: String) {
    self.field = field
    self.rule = rule
  }
}

/// A domain error: what a service refuses, and why, in a form that a machine can read.
///
/// At the edge of a server it becomes an RPC status with a `google.rpc.ErrorInfo` whose reason is the error's
/// (AIP-193); a client reads it back with ``init(_:)``.
package struct ServiceError: Error {
  /// The domain of every reason.
  package static let domain = "temporis"

  /// Why.
  package let reason: Reason
  /// What to tell a person. Never holds a secret.
  package let message: String
  /// The fields that break a rule, with `invalidArgument`.
  package let violations: [FieldViolation]
  /// How long to wait before trying again, when that is known.
  package let retryAfter: Duration?
  /// Whether what failed has been tried again already: callers that retry are told not to (gRFC A6, pushback), lest
  /// each of them multiply the attempts.
  package let isRetried: Bool
  /// What made it fail, for the log alone: it is neither sent nor compared.
  package let cause: (any Error)?

  /// Creates an error; without a message, with the reason's own.
  package init(
    _ reason: Reason, _ message: String? = nil, violations: [FieldViolation] = [], retryAfter: Duration? = nil,
    isRetried: Bool = false, cause: (any Error)? = nil
  ) {
    self.reason = reason
    self.message = message ?? reason.defaultMessage
    self.violations = violations
    self.retryAfter = retryAfter
    self.isRetried = isRetried
    self.cause = cause
  }

  /// Creates the error of a request whose field breaks a rule.
  ///
  /// - Parameters:
  ///   - field: The field's path in the request message, such as `settings.names`.
  ///   - rule: What the field must be: `must be 1 to 64 names`.
  package init(violating field: String, _ rule: String) {
    self.init(violations: [FieldViolation(field: field, rule: rule)])
  }

  /// Creates the error of an account that has as much as it may: `An account may have at most 1000 data sources.`
  package init(quota limit: Int64, of subject: String) {
    self.init(.quotaExceeded, "An account may have at most \(limit) \(subject).")
  }

  /// Creates the error of a request whose fields break rules; the message names them all.
  package init(violations: [FieldViolation]) {
    let rules = violations.map { "\($0.field.split(separator: ".").last ?? "") \($0.rule)" }
    self.init(.invalidArgument, rules.joined(separator: "; ") + ".", violations: violations)
  }

  /// Reads the error that a service answered. Nil: the status does not come from a service's own refusal.
  package init?(_ error: RPCError) {
    guard let status = try? error.unpackGoogleRPCStatus() else { return nil }
    var reason: Reason?
    var retryAfter: Duration?
    var violations: [FieldViolation] = []
    for detail in status.details {
      if let info = detail.errorInfo, info.domain == Self.domain {
        reason = Reason(rawValue: info.reason)
      }
      retryAfter = detail.retryInfo?.delay ?? retryAfter
      violations += (detail.badRequest?.violations ?? []).map {
        FieldViolation(field: $0.field, rule: $0.violationDescription)
      }
    }
    guard let reason else { return nil }
    let isRetried = error.metadata[stringValues: Self.pushback].contains("-1")
    self.init(reason, status.message, violations: violations, retryAfter: retryAfter, isRetried: isRetried)
  }
}

extension ServiceError: Hashable {
  package static func == (one: Self, other: Self) -> Bool {
    one.reason == other.reason && one.message == other.message && one.violations == other.violations
      && one.retryAfter == other.retryAfter && one.isRetried == other.isRetried
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(reason)
    hasher.combine(message)
    hasher.combine(violations)
    hasher.combine(retryAfter)
    hasher.combine(isRetried)
  }
}

extension ServiceError: RPCErrorConvertible {
  package var rpcErrorCode: RPCError.Code { reason.code }
  package var rpcErrorMessage: String { message }
  package var rpcErrorCause: (any Error)? { cause }
  package var rpcErrorMetadata: Metadata {
    var metadata = status.rpcErrorMetadata
    if isRetried { metadata.addString("-1", forKey: Self.pushback) }
    return metadata
  }

  fileprivate static let pushback = "grpc-retry-pushback-ms"

  private var status: GoogleRPCStatus {
    var details = [ErrorDetails.errorInfo(reason: reason.rawValue, domain: Self.domain)]
    if !violations.isEmpty {
      details.append(
        .badRequest(violations: violations.map { .init(field: $0.field, description: $0.rule) }))
    }
    if let retryAfter { details.append(.retryInfo(delay: retryAfter)) }
    return GoogleRPCStatus(code: reason.code, message: message, details: details)
  }
}

extension RPCError {
  /// The same error, which callers that retry are told not to try again (gRFC A6, pushback).
  var forbiddingRetries: RPCError {
    var error = self
    error.metadata.replaceOrAddString("-1", forKey: ServiceError.pushback)
    return error
  }
}

extension ServiceError: CustomStringConvertible {
  package var description: String { "\(reason.rawValue): \(message)" }
}
