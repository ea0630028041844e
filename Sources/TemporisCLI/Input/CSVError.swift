/// What is wrong with a CSV file, and where.
package struct CSVError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line, from 1.
  package let line: Int
  /// What is wrong.
  package let message: String

  package var description: String { "\(line): \(message)" }

  /// Creates an error.
  package init(line: Int, _ message: String) {
    self.line = line
    self.message = message
  }
}
