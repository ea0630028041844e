/// A labelled input of a form, as the partial `Field` draws it.
struct FormField: Sendable {
  /// What kind of text an input takes.
  enum Kind: String, Sendable {
    case text, email, password, number
  }

  let name: String
  let label: String
  let type: String
  let value: String
  /// What the value is for, or which rule it follows.
  let help: String?
  /// What is wrong with the value.
  let error: String?
  /// The ids of the texts that describe the input.
  let describedBy: String?
  let required: Bool
  let autocomplete: String?
  let placeholder: String?
  let maxLength: Int?
  /// Which characters a phone's keyboard offers, such as `numeric`.
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
