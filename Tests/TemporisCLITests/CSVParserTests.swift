import TemporisCLI
import Testing

@Suite("Reading CSV")
struct CSVParserTests {
  /// Parses a text in pieces of a size.
  private func records(_ text: String, pieces: Int = .max) throws -> [CSVRecord] {
    var parser = CSVParser()
    var records: [CSVRecord] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      try parser.read(rest.prefix(pieces)) { records.append($0) }
      rest = rest.dropFirst(pieces)
    }
    try parser.finish { records.append($0) }
    return records
  }

  @Test(
    "Fields are read as RFC 4180 says, wherever the pieces of the file end",
    arguments: [
      ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]),
      ("a,b\r\nc,d", [["a", "b"], ["c", "d"]]),
      ("a\rb\r", [["a"], ["b"]]),
      ("\u{feff}a,b\n", [["a", "b"]]),
      ("\u{feff}\"a\",b\n", [["a", "b"]]),
      ("\"a,1\",\"b \"\"x\"\"\"\n", [["a,1", "b \"x\""]]),
      ("\"two\r\nlines\",c\n", [["two\r\nlines", "c"]]),
      ("a,\n,b\n", [["a", ""], ["", "b"]]),
      ("\"\"\n", [[""]]),
      ("a\n\n\r\nb\n", [["a"], ["b"]]),
      ("é,ü\n", [["é", "ü"]]),
      (" a,\t\"b, c\" , d e\n", [["a", "b, c", "d e"]]),
      ("a,\" b\"\n", [["a", " b"]]),
      ("a\n \t\nb\n", [["a"], ["b"]]),
      ("", []),
    ])
  func reads(text: String, expected: [[String]]) throws {
    for pieces in [1, 2, 3, 7, Int.max] {
      #expect(try records(text, pieces: pieces).map(\.fields) == expected, "in pieces of \(pieces)")
    }
  }

  @Test("A record knows the line on which it begins, also after empty lines and line ends inside quotes")
  func lines() throws {
    for end in ["\n", "\r\n", "\r"] {
      let text = ["a", "\"b", "c\"", "", "d"].joined(separator: end)
      #expect(try records(text).map(\.line) == [1, 2, 5], "\(end.debugDescription)")
    }
  }

  @Test(
    "What is no CSV is refused with its line",
    arguments: [
      ("a\n\"b", 2), ("a\nb\"c\n", 2), ("\"a\"b\n", 1), ("\"a\" b\n", 1), ("\"a\" \"b\"\n", 1),
      ("a\n\"b\nc\"d\n", 3),
    ])
  func refuses(text: String, line: Int) throws {
    let error = try #require(throws: CSVError.self) { try records(text) }
    #expect(error.line == line)
  }

  @Test("Bytes that are not UTF-8 are refused")
  func notUTF8() throws {
    var parser = CSVParser()
    #expect(throws: CSVError.self) { try parser.read([0x61, 0xff, 0x0a]) { _ in } }
  }

  @Test("A record without an end is refused before it fills the memory")
  func bounded() throws {
    var parser = CSVParser()
    let megabyte = [UInt8](repeating: 0x61, count: CSVParser.longestRecord)
    try parser.read(megabyte) { _ in }
    #expect(throws: CSVError.self) { try parser.read([0x61]) { _ in } }
  }
}
