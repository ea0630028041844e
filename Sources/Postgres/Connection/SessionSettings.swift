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

/// The settings that every statement of a lane runs under: its timeout, that of a transaction whose next statement does
/// not come, read-only transactions on the read lane, and no just-in-time compilation, which takes longer than a short
/// statement and starts by what the planner expects of it (PostgreSQL documentation, 32.2). The server's side of the
/// connection is looked after, too: the locks of a client whose machine is gone are freed once TCP has found that out,
/// which by itself takes hours.
///
/// They are not sent in the startup packet's `options`, which poolers refuse ("unsupported startup parameter") or drop
/// without a word (PgBouncer's `ignore_startup_parameters`).
struct SessionSettings {
  /// SQL that applies the settings to the transaction in which it runs, and to nothing after it.
  let local: String

  private typealias Setting = (name: String, value: String)
  private let settings: [Setting]
  private let isReadOnly: Bool

  init(lane: Lane, _ configuration: Database.Configuration) {
    isReadOnly = lane == .read
    settings = [
      ("statement_timeout", "\(configuration.statementTimeout.inMilliseconds)"),
      ("idle_in_transaction_session_timeout", "\(configuration.idleTransactionTimeout.inMilliseconds)"),
      ("jit", "off"),
    ]
    let readOnly: [Setting] = isReadOnly ? [("transaction_read_only", "on")] : []
    local = "SELECT " + Self.calls(settings + readOnly, isLocal: "true")
  }

  /// SQL that tells whether a pooler stands between and, if none does, applies the settings to the session.
  ///
  /// A pooler gives its clients cancellation keys of its own, so that the process id of the key is not that of the
  /// server's process. In its transaction mode a setting of the session would become one of other clients.
  /// - Parameter backend: The process id of the connection's cancellation key.
  func setUp(backend: Int32) -> String {
    let isBehindPooler = "pg_catalog.pg_backend_pid() <> (\(backend))"
    let readOnly: [Setting] = isReadOnly ? [("default_transaction_read_only", "on")] : []
    return "SELECT \(isBehindPooler), "
      + Self.calls(settings + Self.keepalives + readOnly, isLocal: isBehindPooler)
  }

  /// A client's kernel that answers nothing for 45 seconds is taken for dead (PostgreSQL documentation, 20.3.2). The
  /// last one must not be less than the others together: Linux would end a connection of which one probe was lost. They
  /// are ignored on a Unix socket.
  private static let keepalives: [Setting] = [
    ("tcp_keepalives_idle", "30"), ("tcp_keepalives_interval", "5"), ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "45000"),
  ]

  private static func calls(_ settings: [Setting], isLocal: String) -> String {
    settings.map { "pg_catalog.set_config('\($0.name)', '\($0.value)', \(isLocal))" }.joined(separator: ", ")
  }
}

extension Duration {
  /// The length in whole milliseconds, rounded up: 0 would be no limit.
  fileprivate var inMilliseconds: Int64 {
    components.seconds * 1_000 + (components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
  }
}
