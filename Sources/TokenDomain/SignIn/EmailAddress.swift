/// A sign-in address: 3 to 254 bytes with one `@` that has something on each side, without spaces and control
/// characters.
///
/// The rules are loose on purpose: only a message that arrives proves an address.
package struct EmailAddress: Sendable, Hashable {
  /// The address as it was given.
  package let text: String

  /// Checks an address. `nil` when it breaks a rule.
  package init?(_ text: String) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard (3...254).contains(text.utf8.count), parts.count == 2, parts.allSatisfy({ !$0.isEmpty }),
      text.unicodeScalars.allSatisfy({ !$0.properties.isWhitespace && $0.properties.generalCategory != .control })
    else { return nil }
    self.text = text
  }

  /// What addresses are compared by: two that differ in case alone are the same.
  package var key: String { text.lowercased() }
}
