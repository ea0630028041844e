/// A five-character SQLSTATE, as PostgreSQL's documentation lists them (appendix A).
package struct SQLState: RawRepresentable, Hashable, Sendable {
  package let rawValue: String

  package init(rawValue: String) {
    self.rawValue = rawValue
  }

  package static let featureNotSupported = SQLState(rawValue: "0A000")
  package static let invalidTextRepresentation = SQLState(rawValue: "22P02")
  package static let notNullViolation = SQLState(rawValue: "23502")
  package static let foreignKeyViolation = SQLState(rawValue: "23503")
  package static let uniqueViolation = SQLState(rawValue: "23505")
  package static let checkViolation = SQLState(rawValue: "23514")
  package static let readOnlyTransaction = SQLState(rawValue: "25006")
  package static let inFailedTransaction = SQLState(rawValue: "25P02")
  package static let invalidStatementName = SQLState(rawValue: "26000")
  package static let serializationFailure = SQLState(rawValue: "40001")
  package static let deadlockDetected = SQLState(rawValue: "40P01")
  package static let syntaxError = SQLState(rawValue: "42601")
  package static let insufficientPrivilege = SQLState(rawValue: "42501")
  package static let undefinedTable = SQLState(rawValue: "42P01")
  package static let lockNotAvailable = SQLState(rawValue: "55P03")
  package static let queryCanceled = SQLState(rawValue: "57014")

  /// Whether the prepared statement is gone (26000), or its plan no longer fits the tables (0A000): prepare it again.
  var meansStaleStatement: Bool {
    self == .invalidStatementName || self == .featureNotSupported
  }

  /// Whether the same transaction may succeed when it is run again.
  var isRetryable: Bool {
    self == .serializationFailure || self == .deadlockDetected
  }
}
