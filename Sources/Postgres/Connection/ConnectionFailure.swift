/// Reasons why a connection could not be opened or has ended, in words of ours.
///
/// libpq's own message quotes host, user and database name, and a URL that was cut at the wrong place (an unescaped `@`
/// or `/` in the password) puts parts of the password there.
enum ConnectionFailure {
  private static let reasons: [(phrase: String, reason: String)] = [
    // Poolers: PgBouncer's words, which others have taken over.
    (
      "unsupported startup parameter",
      "the connection pooler does not accept a startup parameter: remove 'options' from the URL, or connect directly"
    ),
    (
      "statement pooling mode",
      "the connection pooler is in statement mode, which has no transactions: use its transaction or session mode, or "
        + "connect directly"
    ),
    ("query_wait_timeout", "the connection pooler had no server connection free in time"),
    ("no more connections allowed", "the connection pooler has too many clients"),
    ("no such user", "the role or the database does not exist"),
    ("no such database", "the role or the database does not exist"),
    // PostgreSQL.
    ("password authentication failed", "password authentication failed"),
    ("no password supplied", "the server asks for a password and the URL has none"),
    ("no pg_hba.conf entry", "the server's pg_hba.conf has no entry for this client"),
    ("authentication failed", "authentication failed"),
    ("too many", "the server has too many connections"),
    ("remaining connection slots", "the server has too many connections"),
    ("starting up", "the server is starting up"),
    ("is in hot standby mode", "the server is a standby"),
    ("session is read-only", "the server takes no writes"),
    ("shutting down", "the server is shutting down"),
    ("recovery mode", "the server is recovering"),
    ("does not exist", "the role or the database does not exist"),
    ("No such file or directory", "no server listens on the Unix socket"),
    ("Connection refused", "no server listens there"),
    ("could not translate host name", "the host name is unknown"),
    ("Permission denied", "no permission to open the socket"),
    ("invalid port number", "the port is not valid"),
    ("too long", "the Unix socket's path is too long (107 bytes)"),
    ("timeout expired", "the server did not answer in time"),
    ("certificate", "the server's or the client's certificate was not accepted"),
    ("SSL", "TLS could not be agreed on"),
    ("terminating connection", "the server closed the connection"),
    ("closed the connection", "the server closed the connection"),
    ("unrecognized configuration parameter", "the server does not know a setting in the URL's options"),
    ("permission denied for database", "the role may not connect to the database"),
  ]

  /// The reason that is meant by a message of libpq's, or of the server's; `nil` when it is none of those known.
  static func reason(in message: UnsafePointer<CChar>?) -> String? {
    let message = message.map { String(cString: $0) } ?? ""
    return reasons.first { contains(message, $0.phrase) }?.reason
  }

  private static func contains(_ text: String, _ phrase: String) -> Bool {
    let text = Array(text.utf8)
    let phrase = Array(phrase.utf8)
    guard text.count >= phrase.count else { return false }
    return (0...text.count - phrase.count).contains { text[$0...].starts(with: phrase) }
  }
}
