import CLibPQ

/// A failure of a statement, a transaction or the connection under it.
///
/// It never holds a parameter's value, nor the server's DETAIL, HINT or CONTEXT lines, which quote values: safe to log.
package struct PostgresError: Error, Sendable, Hashable {
  /// The kind of the error.
  package var code: Code
  /// The server's SQLSTATE; `nil` when the error is not the server's.
  package var sqlState: SQLState?
  /// What failed and, where that is known, what to do about it.
  package var message: String
  /// The name of the violated constraint, for SQLSTATE class 23; otherwise `nil`.
  package var constraint: String?

  init(_ code: Code, _ message: String, sqlState: SQLState? = nil, constraint: String? = nil) {
    self.code = code
    self.message = message
    self.sqlState = sqlState
    self.constraint = constraint
  }
}

extension PostgresError: CustomStringConvertible {
  /// The code, the SQLSTATE and the message.
  package var description: String {
    var text = "\(code)"
    if let sqlState { text += " \(sqlState.rawValue)" }
    return text + ": \(message)"
  }
}

extension PostgresError {
  /// The kind of an error. May grow: keep a default branch.
  package struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Kind: String {
      case server, connectionLost, connectionFailed, overloaded, cancelled, timeout, decoding, closed, unsafe
      case invalidParameter, configuration, migration
    }

    private let kind: Kind

    /// The code's name.
    package var description: String { kind.rawValue }

    /// The server refused the statement: see the SQLSTATE.
    package static let server = Code(kind: .server)
    /// The connection broke before the server confirmed, or the server confirmed with a warning, such as that it did
    /// not wait for a standby: the outcome of a write is unknown.
    package static let connectionLost = Code(kind: .connectionLost)
    /// No connection could be opened while the statement waited; it was not sent.
    package static let connectionFailed = Code(kind: .connectionFailed)
    /// Too many statements or transactions are waiting; it was not sent.
    package static let overloaded = Code(kind: .overloaded)
    /// The task was cancelled.
    package static let cancelled = Code(kind: .cancelled)
    /// The server's statement timeout (with SQLSTATE 57014), or too long a wait for a free connection (without).
    package static let timeout = Code(kind: .timeout)
    /// A column is missing, NULL, or of a type that can't be read as the wanted Swift type.
    package static let decoding = Code(kind: .decoding)
    /// The database was closed, or the transaction is over.
    package static let closed = Code(kind: .closed)
    /// The statement must not run where it was sent: it would break its neighbours on the same connection.
    package static let unsafe = Code(kind: .unsafe)
    /// A parameter or the SQL can't be sent: a NUL character, too many, too large.
    package static let invalidParameter = Code(kind: .invalidParameter)
    /// The URL or the configuration is not usable.
    package static let configuration = Code(kind: .configuration)
    /// The migrations in the code and those applied to the database disagree.
    package static let migration = Code(kind: .migration)
  }
}

extension PostgresError {
  static let cancelled = PostgresError(.cancelled, "the task was cancelled")

  static let databaseClosed = PostgresError(.closed, "the database was closed")

  static let transactionOver = PostgresError(
    .closed, "the transaction is over: its statements must run inside the body")

  static let connectionLost = lost(because: nil)

  static func lost(because reason: String?) -> PostgresError {
    let reason = reason.map { " (\($0))" } ?? ""
    return PostgresError(
      .connectionLost,
      "the connection to PostgreSQL was lost\(reason) before the server confirmed: the outcome is unknown")
  }

  static func unconfirmed(_ warning: String) -> PostgresError {
    PostgresError(
      .connectionLost, "PostgreSQL confirmed the commit with a warning (\(warning)): the outcome is unknown")
  }

  static func sessionState(_ status: String) -> PostgresError {
    PostgresError(.unsafe, "the statement left its connection \(status): use a transaction")
  }
}

extension PostgresError {
  /// Reads the error of a failed result. One without a SQLSTATE is libpq's own: the connection was lost.
  init(result: OpaquePointer) {
    let state = Self.field(result, "C").map(SQLState.init(rawValue:))
    guard let state else {
      self = .connectionLost
      return
    }
    var message = Self.field(result, "M") ?? "no message"
    // Class 22, data exceptions: the primary message quotes the value ("invalid input syntax for type integer: …").
    if state.rawValue.hasPrefix("22") {
      message = "data exception (the server's message is withheld, it may quote a value)"
    }
    self.init(
      state == .queryCanceled ? .timeout : .server, message, sqlState: state,
      constraint: Self.field(result, "n"))
  }

  /// The message of a notice that is a warning; `nil` for any other.
  static func warning(_ notice: OpaquePointer) -> String? {
    guard severity(notice) == "WARNING" else { return nil }
    return field(notice, "M") ?? "no message"
  }

  /// Whether the server ends the session after this error, or libpq has lost it already.
  static func endsConnection(_ result: OpaquePointer) -> Bool {
    guard field(result, "C") != nil else { return true }
    let severity = severity(result)
    return severity == "FATAL" || severity == "PANIC"
  }

  private static func severity(_ result: OpaquePointer) -> String? {
    // PgBouncer sends the localized severity alone, which it never translates.
    field(result, "V") ?? field(result, "S")
  }

  /// A field by its code in postgres_ext.h (PG_DIAG_…), whose character macros Swift can't see.
  private static func field(_ result: OpaquePointer, _ code: Unicode.Scalar) -> String? {
    PQresultErrorField(result, Int32(UInt8(ascii: code))).map { String(cString: $0) }
  }
}
