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

/// A fault of a CSV file, and its place.
package struct CSVError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line, from 1.
  package let line: Int
  /// The fault, such as `a quoted field is not closed`.
  package let message: String

  package var description: String { "\(line): \(message)" }

  /// Creates an error.
  package init(line: Int, _ message: String) {
    self.line = line
    self.message = message
  }
}

/// Reads CSV (RFC 4180) piece by piece, so that a file of any size takes the memory of one record. Packages that read
/// CSV load the whole file first.
///
/// Beyond the RFC: lines may end in LF, CRLF or CR; empty lines count as lines but are no records; a byte order mark at
/// the start is skipped, and so are blanks (spaces and tabs) before a field and after a quoted one.
package struct CSVParser {
  private enum State { case fieldStart, plain, quoted, quoteInQuoted, quotedEnd }

  /// The longest record, in bytes: a missing quote must not swallow a whole file.
  package static let longestRecord = 1 << 20

  private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

  private var state = State.fieldStart
  private var line = 1
  private var recordLine = 1
  private var bytes: [UInt8] = []
  private var fieldEnds: [Int] = []
  private var fieldWasQuoted = false
  private var lastWasCarriageReturn = false
  private var markBytes: Int? = 0

  /// Creates a parser at the start of a file.
  package init() {}

  /// Reads the next bytes of the file.
  ///
  /// - Parameter record: Called for each record that ends in them.
  package mutating func read(_ chunk: some Sequence<UInt8>, record: (CSVRecord) throws -> Void) throws {
    for byte in chunk {
      if let matched = markBytes {
        if byte == Self.byteOrderMark[matched] {
          markBytes = matched == 2 ? nil : matched + 1
          continue
        }
        markBytes = nil
        for earlier in Self.byteOrderMark[..<matched] { try read(earlier, record) }
      }
      try read(byte, record)
    }
  }

  /// Reads the end of the file, where the last record need not end in a line end.
  package mutating func finish(record: (CSVRecord) throws -> Void) throws {
    if state == .quoted { throw CSVError(line: recordLine, "a quoted field is not closed") }
    try endRecord(record)
  }

  private mutating func read(_ byte: UInt8, _ record: (CSVRecord) throws -> Void) throws {
    let followsCarriageReturn = lastWasCarriageReturn
    lastWasCarriageReturn = byte == UInt8(ascii: "\r")
    switch (state, byte) {
    case (.quoted, UInt8(ascii: "\"")):
      state = .quoteInQuoted
    case (.quoted, _):
      try append(byte)
      if byte == UInt8(ascii: "\n") && !followsCarriageReturn || byte == UInt8(ascii: "\r") { line += 1 }
    case (.quoteInQuoted, UInt8(ascii: "\"")):
      try append(byte)
      state = .quoted
    case (_, UInt8(ascii: ",")):
      endField()
    case (_, UInt8(ascii: "\n")) where followsCarriageReturn && bytes.isEmpty && fieldEnds.isEmpty && !fieldWasQuoted:
      break  // The second half of a CRLF.
    case (_, UInt8(ascii: "\n")), (_, UInt8(ascii: "\r")):
      try endRecord(record)
      line += 1
      recordLine = line
    case (.fieldStart, UInt8(ascii: " ")), (.fieldStart, UInt8(ascii: "\t")):
      break
    case (.quoteInQuoted, UInt8(ascii: " ")), (.quoteInQuoted, UInt8(ascii: "\t")),
      (.quotedEnd, UInt8(ascii: " ")), (.quotedEnd, UInt8(ascii: "\t")):
      state = .quotedEnd
    case (.quoteInQuoted, _), (.quotedEnd, _):
      throw CSVError(line: line, "text follows the closing quote of a field")
    case (.fieldStart, UInt8(ascii: "\"")):
      state = .quoted
      fieldWasQuoted = true
    case (.plain, UInt8(ascii: "\"")):
      throw CSVError(line: line, "a quote stands inside a field that does not begin with one")
    case (.fieldStart, _), (.plain, _):
      try append(byte)
      state = .plain
    }
  }

  private mutating func append(_ byte: UInt8) throws {
    guard bytes.count < Self.longestRecord else {
      throw CSVError(line: recordLine, "the record is longer than \(Self.longestRecord) bytes")
    }
    bytes.append(byte)
  }

  private mutating func endField() {
    fieldEnds.append(bytes.count)
    fieldWasQuoted = false
    state = .fieldStart
  }

  private mutating func endRecord(_ record: (CSVRecord) throws -> Void) throws {
    defer {
      bytes.removeAll(keepingCapacity: true)
      fieldEnds.removeAll(keepingCapacity: true)
    }
    if bytes.isEmpty, fieldEnds.isEmpty, !fieldWasQuoted {
      state = .fieldStart
      return
    }
    endField()
    var fields: [String] = []
    fields.reserveCapacity(fieldEnds.count)
    var start = 0
    for end in fieldEnds {
      guard let field = String(validating: bytes[start..<end], as: UTF8.self) else {
        throw CSVError(line: recordLine, "the text is not UTF-8")
      }
      fields.append(field)
      start = end
    }
    try record(CSVRecord(line: recordLine, fields: fields))
  }
}
