import Configuration
import FoundationEssentials

/// A setting that is missing or cannot be used: one line that names it and says what it takes.
package struct SettingError: Error, Hashable, CustomStringConvertible {
  /// The line.
  package let description: String

  /// Creates an error from its line, which must not hold a secret's value.
  package init(_ description: String) {
    self.description = description
  }
}

/// The process's settings: flags over environment variables over defaults, and secrets from variables or files alone.
package struct Settings: Sendable {
  private static let prefix = "TEMPORIS_"
  private let reader: ConfigReader

  /// Reads the process's own environment.
  package init() {
    self.init(environment: ProcessInfo.processInfo.environment)
  }

  /// Reads this environment instead, for tests.
  package init(environment: [String: String]) {
    reader = ConfigReader(
      provider: EnvironmentVariablesProvider(environmentVariables: environment, secretsSpecifier: .all))
  }

  /// The environment variable of a key: `admin-listen` is `TEMPORIS_ADMIN_LISTEN`.
  package static func variable(for key: String) -> String {
    prefix + key.uppercased().replacing("-", with: "_")
  }

  /// The value of a setting.
  /// - Parameter flag: The flag's text, when it was given.
  /// - Throws: ``SettingError`` when the setting is required and missing, or when its text is not a value.
  package func value<Value>(_ setting: Setting<Value>, flag: String?) throws(SettingError) -> Value {
    let variable = text(for: setting.key)
    guard let text = flag ?? variable ?? setting.defaultText else {
      throw SettingError("--\(setting.key) (or \(setting.variable)) is required: \(setting.expected)")
    }
    guard let value = setting.parse(text) else {
      let name = flag == nil ? setting.variable : "--\(setting.key)"
      throw SettingError("\(name) must be \(setting.expected), not '\(text)'")
    }
    return value
  }

  /// The value of a secret: what the variable `TEMPORIS_KEY` holds, or the file that `TEMPORIS_KEY_FILE` names, without
  /// the line break at its end.
  /// - Throws: ``SettingError`` when neither is there, or the file cannot be read. The secret itself is never in it.
  package func secret(_ key: String) throws(SettingError) -> String {
    let variable = Self.variable(for: key)
    if let secret = text(for: key), !secret.isEmpty { return secret }
    guard let secret = try fileText(for: key) else {
      throw SettingError("\(variable) (or \(variable)_FILE, the path of a file that holds it) is required")
    }
    return secret
  }

  /// The value of a setting that may also be in a file: the one that the variable `TEMPORIS_KEY_FILE` names, where
  /// neither the flag nor the variable is given.
  /// - Throws: ``SettingError`` as ``value(_:flag:)`` does, and when the file cannot be read or holds no value.
  package func valueOrFile<Value>(_ setting: Setting<Value>, flag: String?) throws(SettingError) -> Value {
    guard flag == nil, text(for: setting.key) == nil, let text = try fileText(for: setting.key) else {
      return try value(setting, flag: flag)
    }
    guard let value = setting.parse(text) else {
      throw SettingError("\(setting.variable)_FILE must name a file that holds \(setting.expected)")
    }
    return value
  }

  /// What the file holds that `TEMPORIS_KEY_FILE` names, without the line break at its end. `nil`: none is named.
  private func fileText(for key: String) throws(SettingError) -> String? {
    guard let path = text(for: key + "-file"), !path.isEmpty else { return nil }
    guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8) else {
      throw SettingError("\(Self.variable(for: key))_FILE names '\(path)', which cannot be read as text")
    }
    return String(text.trimmingSuffix { $0.isNewline })
  }

  private func text(for key: String) -> String? {
    reader.string(forKey: ConfigKey("temporis." + key.replacing("-", with: ".")))
  }
}

extension StringProtocol {
  fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> SubSequence {
    var end = endIndex
    while end > startIndex, predicate(self[index(before: end)]) { end = index(before: end) }
    return self[..<end]
  }
}
