package import ArgumentParser

/// A key that a process is configured by: a flag, an environment variable, a default.
///
/// The key `admin-listen` is the flag `--admin-listen` and the variable `TEMPORIS_ADMIN_LISTEN`; the flag wins.
package struct Setting<Value: Sendable>: Sendable {
  /// The key in kebab case.
  package let key: String
  /// The value's text when neither the flag nor the variable is given. Nil: the setting is required.
  package let defaultText: String?
  /// What the value is, for the error: `an address such as 127.0.0.1:50051`.
  package let expected: String
  let summary: String
  let parse: @Sendable (String) -> Value?

  /// Creates a setting.
  /// - Parameters:
  ///   - key: The key in kebab case.
  ///   - defaultText: The default, in the form that a user would write. Nil: required.
  ///   - help: One sentence for `--help`.
  ///   - expected: What the value is, for the error.
  ///   - parse: Reads the value; nil when the text is not one.
  package init(
    _ key: String, default defaultText: String?, help: String, expected: String,
    parse: @escaping @Sendable (String) -> Value?
  ) {
    self.key = key
    self.defaultText = defaultText
    self.summary = help
    self.expected = expected
    self.parse = parse
  }

  /// The environment variable.
  package var variable: String {
    Settings.variable(for: key)
  }

  /// What `--help` says of the flag: the sentence, the variable and the default.
  package var help: ArgumentHelp {
    let fallback = defaultText.map { $0.isEmpty ? "default: none" : "default: \($0)" } ?? "required"
    return ArgumentHelp("\(summary) [\(variable); \(fallback)]")
  }
}
