/// A labelled input of a form, as the partial `Field` draws it.
struct FormField: Sendable {
  /// The kinds of text that an input takes.
  enum Kind: String, Sendable {
    case text, email, password
    /// An instant to the second, without a time zone (HTML, section 2.3.5.5).
    case dateTime = "datetime-local"
  }

  let name: String
  let label: String
  let type: String
  /// Between which values a browser steps, in seconds for an instant.
  let step: String?
  let value: String
  /// The purpose of the value, or its rule.
  let help: String?
  /// The mistake in the value.
  let error: String?
  /// The ids of the texts that describe the input.
  let describedBy: String?
  let required: Bool
  let autocomplete: String?
  let placeholder: String?
  let maxLength: Int?
  /// The characters that a phone's keyboard offers, such as `numeric`.
  let inputMode: String?
  /// The rule that the script checks while one types: `resource-name`, or none.
  let rule: String?
  /// Whether names and code are typed here, which nobody should correct.
  let isCode: Bool

  init(
    _ name: String, label: String, kind: Kind = .text, value: String = "", help: String? = nil, error: String? = nil,
    required: Bool = true, autocomplete: String? = nil, placeholder: String? = nil, maxLength: Int? = nil,
    inputMode: String? = nil, rule: String? = nil, isCode: Bool = false
  ) {
    self.name = name
    self.label = label
    self.type = kind.rawValue
    step = kind == .dateTime ? "1" : nil
    self.value = value
    self.help = help
    self.error = error
    let descriptions = [error.map { _ in "\(name)-error" }, help.map { _ in "\(name)-help" }].compactMap(\.self)
    describedBy = descriptions.isEmpty ? nil : descriptions.joined(separator: " ")
    self.required = required
    self.autocomplete = autocomplete
    self.placeholder = placeholder
    self.maxLength = maxLength
    self.inputMode = inputMode
    self.rule = rule
    self.isCode = isCode
  }
}

/// A box of a form to tick, as the partial `Check` draws it.
struct CheckField: Sendable {
  let name: String
  let label: String
  let isOn: Bool
  let help: String
}
