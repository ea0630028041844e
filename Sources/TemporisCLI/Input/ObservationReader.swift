/// Turns CSV records into observations: a timestamp, the name of a series, a value.
///
/// A first record that names the three columns gives their order; other columns are then ignored. Without one the order
/// is timestamp, name, value.
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
  /// - Returns: Nothing for the header.
  /// - Throws: `CSVError` that says what is wrong with which column.
  package mutating func read(_ record: CSVRecord) throws -> Observation? {
    if columns == nil {
      if let header = try Self.header(record) {
        columns = header
        return nil
      }
      columns = Columns()
    }
    let columns = columns ?? Columns()
    guard record.fields.count == columns.count else {
      throw CSVError(line: record.line, "\(columns.count) columns were expected and there are \(record.fields.count)")
    }
    let timestamp = try Self.timestamp(record.fields[columns.timestamp], line: record.line)
    let name = try Self.name(record.fields[columns.name], line: record.line)
    let value = try Self.value(record.fields[columns.value], line: record.line)
    return Observation(timestamp: timestamp, name: name, value: value)
  }

  private static func header(_ record: CSVRecord) throws -> Columns? {
    let names = record.fields.map { $0.filter { $0 != " " }.lowercased() }
    guard names.contains("timestamp") else { return nil }
    func column(_ name: String) throws -> Int {
      let places = names.indices.filter { names[$0] == name }
      guard places.count == 1 else {
        throw CSVError(
          line: record.line,
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

  private static func name(_ text: String, line: Int) throws -> String {
    guard (1...255).contains(text.utf8.count) else {
      throw CSVError(line: line, "name must have 1 to 255 bytes and has \(text.utf8.count)")
    }
    guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      throw CSVError(line: line, "name \(quoted(text)) holds a control character")
    }
    guard text != "timestamp" else {
      throw CSVError(line: line, "name must not be \"timestamp\", which names the row's own field in an answer")
    }
    return text
  }

  private static func value(_ text: String, line: Int) throws -> Double {
    // Double(_:) also takes "nan", "inf" and hexadecimal.
    let text = text.drop { $0 == " " }
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }), let value = Double(text),
      value.isFinite
    else { throw CSVError(line: line, "value \(quoted(String(text))) is not a finite number") }
    return value
  }

  /// The text between quotes, short and without what would upset a terminal.
  private static func quoted(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(40).map { $0.properties.generalCategory == .control ? "?" : Character($0) }
    return "\"\(String(shown))\(text.unicodeScalars.count > 40 ? "…" : "")\""
  }
}
