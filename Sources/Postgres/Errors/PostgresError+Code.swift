extension PostgresError {
  /// The kind of an error. May grow: keep a default branch.
  package struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Kind: String {
      case server, connectionLost, connectionFailed, overloaded, cancelled, timeout, decoding, closed, unsafe
      case invalidParameter, configuration, migration
    }

    private let kind: Kind

    package var description: String { kind.rawValue }

    /// The server refused the statement: see the SQLSTATE.
    package static let server = Code(kind: .server)
    /// The connection broke before the server confirmed: the outcome of a write is unknown.
    package static let connectionLost = Code(kind: .connectionLost)
    /// No connection could be opened while the statement waited; it was not sent.
    package static let connectionFailed = Code(kind: .connectionFailed)
    /// Too many statements or transactions are waiting; it was not sent.
    package static let overloaded = Code(kind: .overloaded)
    /// The task was cancelled.
    package static let cancelled = Code(kind: .cancelled)
    /// The server's statement timeout (with SQLSTATE 57014), or too long a wait for a free connection (without).
    package static let timeout = Code(kind: .timeout)
    /// A column is missing, NULL, or of a type that the wanted Swift type can't be read from.
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
