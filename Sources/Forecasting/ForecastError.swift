/// Why a forecast, a context or a profile's settings were refused.
///
/// The message says what is wrong, which value it was and what to do; it holds nothing secret.
package struct ForecastError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of refusal, for callers that map it to a status.
  package struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String { case invalidSettings, invalidArgument, notEnoughData, windowCoversForecast }
    private let kind: Kind

    /// A profile's settings break one of their limits.
    package static let invalidSettings = Code(kind: .invalidSettings)
    /// `count`, `temperature`, `topP` or the context given to the engine is out of range.
    package static let invalidArgument = Code(kind: .invalidArgument)
    /// Fewer usable points than the profile asks for.
    package static let notEnoughData = Code(kind: .notEnoughData)
    /// Every future grid point falls inside the exclude window.
    package static let windowCoversForecast = Code(kind: .windowCoversForecast)

    package var description: String { kind.rawValue }
  }

  /// For callers that map it to a status.
  package var code: Code
  /// What, which, and what to do.
  package var message: String

  /// The settings that break a rule, with `invalidSettings`: all of them, where the message names the first.
  package var violations: [SettingViolation]

  package init(code: Code, message: String, violations: [SettingViolation] = []) {
    self.code = code
    self.message = message
    self.violations = violations
  }

  /// Creates the error of settings that break rules.
  init(_ violations: [SettingViolation]) {
    let message = violations.first.map { "\($0.setting) \($0.rule)" } ?? ""
    self.init(code: .invalidSettings, message: message, violations: violations)
  }

  package var description: String { "\(code): \(message)" }
}

/// A setting of a profile that breaks a rule.
package struct SettingViolation: Sendable, Hashable {
  /// The setting, as the public API names it: `patch_len`.
  package let setting: String
  /// The rest of a sentence that begins with the setting: `must be 1 to 256, not 0`.
  package let rule: String
}
