import Foundation

/// A sign-in address: 3 to 254 bytes with one `@` that has something on each side, without spaces and control
/// characters.
///
/// The rules are loose on purpose: only a message that arrives proves an address.
package struct EmailAddress: Sendable, Hashable {
  private static let limits = 3...254

  /// The address as it was given.
  package let text: String

  /// Checks an address; `nil` when it breaks a rule. Its length is that in Unicode's form C.
  package init?(_ text: String) {
    // No text is longer than three times its form C in UTF-8: longer ones are not worth the work.
    guard text.utf8.count <= 3 * Self.limits.upperBound, Self.limits.contains(text.precomposed.utf8.count),
      text.unicodeScalars.allSatisfy({ !$0.properties.isWhitespace && $0.properties.generalCategory != .control })
    else { return nil }
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    self.text = text
  }

  /// The form that addresses are compared by: two are the same that differ only in case, or in how the same characters
  /// are composed (UsernameCaseMapped: RFC 8265, section 3.3, but for its mapping of widths).
  package var key: String { text.lowercased().precomposed }
}

extension String {
  /// The text in Unicode's normalization form C, in which the same characters are the same bytes (UAX #15).
  package var precomposed: String { precomposedStringWithCanonicalMapping }
}
