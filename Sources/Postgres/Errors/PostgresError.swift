/// What went wrong with a statement, a transaction or the connection under it.
///
/// Never holds a parameter's value, nor the server's DETAIL, HINT or CONTEXT lines, which quote values: safe to log.
package struct PostgresError: Error, Sendable, Hashable {
  package var code: Code
  /// The server's SQLSTATE, where the server reported the error.
  package var sqlState: SQLState?
  /// What failed and, where that is known, what to do about it.
  package var message: String
  /// The violated constraint's name, for SQLSTATE class 23.
  package var constraint: String?

  init(_ code: Code, _ message: String, sqlState: SQLState? = nil, constraint: String? = nil) {
    self.code = code
    self.message = message
    self.sqlState = sqlState
    self.constraint = constraint
  }
}

extension PostgresError: CustomStringConvertible {
  package var description: String {
    var text = "\(code)"
    if let sqlState { text += " \(sqlState.rawValue)" }
    return text + ": \(message)"
  }
}
