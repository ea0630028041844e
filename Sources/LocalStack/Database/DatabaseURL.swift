import Foundation

/// A PostgreSQL URL whose role can be replaced.
package struct DatabaseURL: Sendable, Hashable {
  /// The URL. It holds a password: never log it.
  package let text: String

  /// Takes a libpq URL, `postgres://…` or `postgresql://…`.
  ///
  /// - Returns: Nothing when it is none.
  package init?(_ text: String) {
    guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://"), !text.contains(where: \.isNewline) else {
      return nil
    }
    self.text = text
  }

  /// A database behind a Unix socket.
  package init(socketFolder: String, database: String, role: String, password: String) {
    text =
      "postgres://\(Self.encoded(role)):\(Self.encoded(password))@/\(Self.encoded(database))"
      + "?host=\(Self.encoded(socketFolder))&port=5432"
  }

  /// The same database as another role.
  package func with(role: String, password: String) -> DatabaseURL {
    guard let scheme = text.range(of: "://") else { return self }
    let rest = text[scheme.upperBound...]
    let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let host = rest[..<authorityEnd].lastIndex(of: "@").map { rest[rest.index(after: $0)...] } ?? rest[...]
    return DatabaseURL(
      unchecked: text[..<scheme.upperBound] + "\(Self.encoded(role)):\(Self.encoded(password))@"
        + Self.withoutRole(host))
  }

  private init(unchecked text: some StringProtocol) {
    self.text = String(text)
  }

  /// Drops `user` and `password` from the parameters: they would win over those in front of the host.
  private static func withoutRole(_ rest: Substring) -> String {
    guard let mark = rest.firstIndex(of: "?") else { return String(rest) }
    let kept = rest[rest.index(after: mark)...].split(separator: "&").filter {
      !$0.hasPrefix("user=") && !$0.hasPrefix("password=")
    }
    return rest[..<mark] + (kept.isEmpty ? "" : "?" + kept.joined(separator: "&"))
  }

  /// Percent-encodes everything but RFC 3986's unreserved characters and `/`.
  private static func encoded(_ text: String) -> String {
    var allowed = CharacterSet(charactersIn: "-._~/")
    allowed.formUnion(CharacterSet(charactersIn: Unicode.Scalar("0")...Unicode.Scalar("9")))
    allowed.formUnion(CharacterSet(charactersIn: Unicode.Scalar("A")...Unicode.Scalar("Z")))
    allowed.formUnion(CharacterSet(charactersIn: Unicode.Scalar("a")...Unicode.Scalar("z")))
    return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text
  }
}
