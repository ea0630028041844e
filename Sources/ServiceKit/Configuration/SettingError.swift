/// A setting that is missing or cannot be used: one line that names it and says what it takes.
package struct SettingError: Error, Hashable, CustomStringConvertible {
  /// The line.
  package let description: String

  /// Creates an error from its line, which must not hold a secret's value.
  package init(_ description: String) {
    self.description = description
  }
}
