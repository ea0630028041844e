/// One record of a CSV file.
package struct CSVRecord: Hashable, Sendable {
  /// The line on which it begins, from 1.
  package let line: Int
  /// Its fields, without their quotes.
  package let fields: [String]

  /// Creates a record.
  package init(line: Int, fields: [String]) {
    self.line = line
    self.fields = fields
  }
}
