/// What a case should have seen and did not.
struct CaseFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// Throws unless the two are equal.
func expect<Value: Equatable>(_ actual: Value, is expected: Value, _ what: String) throws(CaseFailure) {
  guard actual != expected else { return }
  throw CaseFailure("\(what): \(actual), and not \(expected)")
}
