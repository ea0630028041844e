import TokenDomain

/// A password of 8 to 256 bytes. Nothing is asked of its characters: length is what helps (NIST SP 800-63B, 3.1.1.2).
package struct Password: Sendable, Redacted {
  let bytes: [UInt8]

  /// Checks a password. `nil` when it is too short or too long.
  package init?(_ text: String) {
    guard (8...256).contains(text.utf8.count) else { return nil }
    bytes = Array(text.utf8)
  }
}
