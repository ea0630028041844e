package import ServiceKit

/// A command that gives fields of its call by flags of other names.
package protocol FieldNaming {
  /// What the command line calls a field, such as `--from`, by the last name of the field's path in the call.
  ///
  /// A field that is not listed keeps its name.
  var fieldNames: [String: String] { get }
}

extension FieldViolation {
  /// The rule as a sentence about the field, in the words of a command.
  ///
  /// - Parameter names: The command's ``FieldNaming/fieldNames``. A rule may name other fields, too: their `snake_case`
  ///   tells them from the words of its sentence.
  package func sentence(naming names: [String: String] = [:]) -> String {
    let name = field.split(separator: ".").last.map(String.init) ?? ""
    let rule = rule.replacing(/[a-z]+(?:_[a-z]+)+/) { names[String($0.output)] ?? String($0.output) }
    return "\(names[name] ?? name) \(rule)"
  }
}
