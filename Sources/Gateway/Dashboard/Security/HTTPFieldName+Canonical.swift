import HTTPTypes

extension HTTPField.Name {
  /// A name that is written in this file's like and is one; anything else would be a slip of ours.
  init(canonical name: StaticString) {
    guard let field = Self("\(name)") else { preconditionFailure("no field name: \(name)") }
    self = field
  }
}
