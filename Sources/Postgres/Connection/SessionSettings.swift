/// The kinds of connections.
enum Lane: Sendable, Hashable {
  /// Shared and pipelined, read-only on the server.
  case read
  /// Shared and pipelined; as far as a caller can tell, every statement commits by itself.
  case write
  /// For one transaction or statement at a time.
  case exclusive
  /// For notifications.
  case listen
}

/// The settings that every statement of a lane runs under: its timeout, read-only transactions on the read lane, and no
/// just-in-time compilation, which takes longer than a short statement and starts by what the planner expects of it
/// (PostgreSQL documentation, 32.2).
///
/// They are not sent in the startup packet's `options`, which poolers refuse ("unsupported startup parameter") or drop
/// without a word (PgBouncer's `ignore_startup_parameters`).
struct SessionSettings {
  /// SQL that applies the settings to the transaction in which it runs, and to nothing after it.
  let local: String

  private let milliseconds: Int64
  private let isReadOnly: Bool

  init(lane: Lane, statementTimeout: Duration) {
    let timeout = statementTimeout.components
    // Rounded up: 0 would be no limit.
    milliseconds = timeout.seconds * 1_000 + (timeout.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    isReadOnly = lane == .read
    local =
      "SELECT pg_catalog.set_config('statement_timeout', '\(milliseconds)', true)"
      + ", pg_catalog.set_config('jit', 'off', true)"
      + (isReadOnly ? ", pg_catalog.set_config('transaction_read_only', 'on', true)" : "")
  }

  /// SQL that tells whether a pooler stands between and, if none does, applies the settings to the session.
  ///
  /// A pooler gives its clients cancellation keys of its own, so that the process id of the key is not that of the
  /// server's process. In its transaction mode a setting of the session would become one of other clients.
  /// - Parameter backend: The process id of the connection's cancellation key.
  func setUp(backend: Int32) -> String {
    let isBehindPooler = "pg_catalog.pg_backend_pid() <> (\(backend))"
    return "SELECT \(isBehindPooler), pg_catalog.set_config('statement_timeout', '\(milliseconds)', \(isBehindPooler))"
      + ", pg_catalog.set_config('jit', 'off', \(isBehindPooler))"
      + (isReadOnly ? ", pg_catalog.set_config('default_transaction_read_only', 'on', \(isBehindPooler))" : "")
  }
}
