import Foundation
import SystemSupport
import Testing

/// Messages with the bytes that they are on the wire, as they were committed.
struct GoldenFile: Sendable {
  struct Entry: Sendable, CustomStringConvertible {
    /// The full name of a method.
    let method: String
    /// Whether the message is the method's request, and not its response.
    let isRequest: Bool
    let json: String
    let bytes: [UInt8]

    var description: String { "\(method) \(isRequest ? "request" : "response")" }
  }

  struct Damaged: Error, CustomStringConvertible {
    let description: String
  }

  static let folder = Readme.root + "/Tests/ContractTests/GoldenBytes"

  let package: String
  let entries: [Entry]

  /// Every file, one a package.
  static func all() throws -> [GoldenFile] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map(GoldenFile.init(name:))
  }

  /// Paragraphs of three lines, after one that says what the file is.
  private init(name: String) throws {
    package = name.replacing(".txt", with: "")
    let text = try String(contentsOfFile: Self.folder + "/" + name, encoding: .utf8)
    entries = try text.split(separator: "\n\n").dropFirst().map { paragraph in
      let lines = paragraph.split(separator: "\n")
      let words = lines[0].split(separator: " ")
      guard lines.count == 3, words.count == 2, ["request", "response"].contains(words[1]),
        let bytes = Self.bytes(hex: lines[2])
      else { throw Damaged(description: "\(name): \(lines[0])") }
      return Entry(method: String(words[0]), isRequest: words[1] == "request", json: String(lines[1]), bytes: bytes)
    }
  }

  private static func bytes(hex: Substring) -> [UInt8]? {
    if hex == "-" { return [] }
    let digits = hex.compactMap(\.hexDigitValue)
    guard digits.count == hex.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
