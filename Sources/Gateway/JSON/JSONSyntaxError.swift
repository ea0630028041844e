/// An error of bytes that are not JSON (RFC 8259), or nest deeper than is read.
struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
  /// The longest path that is shown, and the longest name in it, in bytes: its names are the sender's.
  private static let (pathLimit, nameLimit) = (100, 32)

  /// The error as a verb phrase: `must not end with a comma`.
  private(set) var problem: String
  /// The number of bytes of the text before it.
  let offset: Int
  /// The number that it is about and that JSON does not have, such as NaN. Nil: something else is wrong.
  private var nonNumber: String?
  /// Whether such a number stands where a value is read, and the problem names the type that belongs there.
  private(set) var isMistyped = false
  /// The members and elements that it is in, innermost first.
  private var steps: [String] = []

  /// Creates an error at an offset.
  init(_ problem: String, at offset: Int) {
    self.problem = problem
    self.offset = offset
  }

  /// Creates the error of a number that JSON does not have.
  init(nonNumber: String, at offset: Int) {
    self.init("must be a finite number, not \(nonNumber)", at: offset)
    self.nonNumber = nonNumber
  }

  var description: String {
    "\(path.isEmpty ? "it" : path) \(problem) (byte offset \(offset))"
  }

  /// The value that it is in, such as `records[1].value`; of a long one the outer part. Empty: the text as a whole.
  var path: String {
    var path = ""
    for step in steps.reversed() {
      let next = path + step.dropFirst(path.isEmpty && step.hasPrefix(".") ? 1 : 0)
      guard next.utf8.count <= Self.pathLimit else { return path + "…" }
      path = next
    }
    return path
  }

  /// The error as the array sees it that the value stands in.
  func within(element index: Int) -> JSONSyntaxError {
    within("[\(index)]")
  }

  /// The error as the object sees it that the value stands in.
  func within(member name: String) -> JSONSyntaxError {
    within("." + name.shortened(toBytes: Self.nameLimit))
  }

  /// The error of a value in whose place one of a type is read.
  func expecting(_ kind: JSONScanner.Kind) -> JSONSyntaxError {
    guard let nonNumber, steps.isEmpty else { return self }
    var error = self
    error.problem = "must be \(kind.rawValue), not \(nonNumber)"
    error.isMistyped = true
    return error
  }

  private func within(_ step: String) -> JSONSyntaxError {
    var error = self
    error.steps.append(step)
    return error
  }
}

extension String {
  /// The beginning of a text that has more bytes than this, and an ellipsis.
  fileprivate func shortened(toBytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    // The index is rounded down to where a scalar begins.
    return String(unicodeScalars[..<utf8.index(startIndex, offsetBy: limit)]) + "…"
  }
}
