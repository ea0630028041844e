/// A field of a form that offers values, as the partial `Choice` draws it: a list to choose from or, where that would
/// be too long or where more is allowed than is known, a text field with suggestions.
struct ChoiceField: Sendable {
  /// A value that is offered.
  struct Option: Sendable {
    let value: String
    let text: String
    var isSelected = false
    var isDisabled = false
    /// The model tokens of a trajectory, where a profile is chosen.
    var tokens: Int64?
  }

  let name: String
  let label: String
  let value: String
  let options: [Option]
  /// Whether nothing but an option may be chosen.
  let isSelect: Bool
  let help: String?
  let error: String?
  /// The ids of the texts that describe the field.
  let describedBy: String?
  let required: Bool
  /// Whether the label says that the field may be left empty.
  let isOptional: Bool
  let placeholder: String?

  init(
    _ name: String, label: String, value: String, options: [Option], isSelect: Bool, help: String? = nil,
    error: String? = nil, required: Bool = true, isOptional: Bool = false, placeholder: String? = nil
  ) {
    self.name = name
    self.label = label
    self.value = value
    // What was typed stays, even where it is none of the options.
    let isMissing = isSelect && !value.isEmpty && !options.contains { $0.value == value }
    let all = isMissing ? [Option(value: value, text: value)] + options : options
    self.options = all.map { option in
      var option = option
      option.isSelected = option.value == value
      return option
    }
    self.isSelect = isSelect
    self.help = help
    self.error = error
    let descriptions = [error.map { _ in "\(name)-error" }, help.map { _ in "\(name)-help" }].compactMap(\.self)
    describedBy = descriptions.isEmpty ? nil : descriptions.joined(separator: " ")
    self.required = required
    self.isOptional = isOptional
    self.placeholder = placeholder
  }
}
