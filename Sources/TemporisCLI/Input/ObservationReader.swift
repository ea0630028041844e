/// Turns CSV records into observations: a timestamp, the name of a series, a value.
///
/// A first record that names the three columns gives their order; other columns are then ignored. Without one the order
/// is timestamp, name, value. A series may be called like a column. Blanks around a field do not belong to it. The
/// service checks the ranges of the three.
package struct ObservationReader {
  /// One row.
  package struct Observation: Hashable, Sendable {
    /// Unix seconds.
    package let timestamp: Int64
    /// The series.
    package let name: String
    /// The value.
    package let value: Double
  }

  private struct Columns {
    var timestamp = 0
    var name = 1
    var value = 2
    var count = 3
  }

  private var columns: Columns?

  /// Creates a reader at the start of a file.
  package init() {}

  /// Reads a record.
  ///
  /// - Returns: `nil` for the header.
  /// - Throws: `CSVError` that says what is wrong with which column.
  package mutating func read(_ record: CSVRecord) throws -> Observation? {
    let fields = record.fields.map(\.withoutBlanks)
    if columns == nil {
      if let header = try Self.header(fields, line: record.line) {
        columns = header
        return nil
      }
      columns = Columns()
    }
    let columns = columns ?? Columns()
    guard fields.count == columns.count else {
      throw CSVError(line: record.line, "\(columns.count) columns were expected and there are \(fields.count)")
    }
    return Observation(
      timestamp: try Self.timestamp(fields[columns.timestamp], line: record.line), name: fields[columns.name],
      value: try Self.value(fields[columns.value], line: record.line))
  }

  private static func header(_ fields: [String], line: Int) throws -> Columns? {
    let names = fields.map { $0.lowercased() }
    guard names.contains("timestamp") else { return nil }
    // A row of a series of that name begins with an instant, which is no name of a column.
    let hasAll = names.contains("name") && names.contains("value")
    if !hasAll, let first = fields.first, (try? TimestampText.unixSeconds(first)) != nil { return nil }
    func column(_ name: String) throws -> Int {
      let places = names.indices.filter { names[$0] == name }
      guard places.count == 1 else {
        throw CSVError(
          line: line,
          places.isEmpty ? "the header names no column \(name)" : "the header names the column \(name) twice")
      }
      return places[0]
    }
    return Columns(
      timestamp: try column("timestamp"), name: try column("name"), value: try column("value"), count: names.count)
  }

  private static func timestamp(_ text: String, line: Int) throws -> Int64 {
    do {
      return try TimestampText.unixSeconds(text)
    } catch {
      throw CSVError(line: line, "timestamp \(quoted(text)) \(error.message)")
    }
  }

  private static func value(_ text: String, line: Int) throws -> Double {
    // Double(_:) also takes "nan", "inf" and hexadecimal.
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }), let value = Double(text),
      value.isFinite
    else { throw CSVError(line: line, "value \(quoted(text)) is not a finite number") }
    return value
  }

  /// The text between quotes, short and without what would upset a terminal.
  private static func quoted(_ text: String) -> String {
    let shown = String(text.unicodeScalars.prefix(40)).printable
    return "\"\(shown)\(text.unicodeScalars.count > 40 ? "…" : "")\""
  }
}

extension String {
  /// The text without the spaces and tabs at its ends.
  var withoutBlanks: String {
    func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    guard let first = utf8.first, let last = utf8.last, isBlank(first) || isBlank(last) else { return self }
    let rest = utf8.drop(while: isBlank)
    guard let end = rest.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(Substring(rest[...end]))
  }
}
