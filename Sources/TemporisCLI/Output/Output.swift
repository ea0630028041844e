import Foundation
import LocalStack

/// An item that a command prints: a row of a table for a person, an object of JSON for a program, with the same facts.
protocol Printable: Encodable {
  /// The table's headings.
  static var headings: [String] { get }
  /// The item's cells, one for each heading.
  var cells: [String] { get }
}

/// Prints what a command found, on standard output.
enum Output {
  /// Prints a list: a table, or a JSON array.
  ///
  /// - Parameter hint: What is said on standard error in place of a table without rows.
  static func render<Item: Printable>(_ items: [Item], json: Bool, whenEmpty hint: String = "") throws {
    if json { return try self.json(items) }
    var table = Table(headings: Item.headings)
    for item in items { table.add(item.cells) }
    table.print(whenEmpty: hint)
  }

  /// Prints one item: a table of one row, or a JSON object.
  static func render(_ item: some Printable, json: Bool) throws {
    if json { return try self.json(item) }
    try render([item], json: false)
  }

  /// Prints a value as one line of JSON, its keys in snake case.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    Terminal.output.line(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}

/// A value that is `null` in JSON when it is nil, so that a script may always ask for its key.
@propertyWrapper
struct OrNull<Value: Encodable>: Encodable {
  var wrappedValue: Value?

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue)
  }
}
