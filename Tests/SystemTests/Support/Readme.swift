import Foundation
import Testing

/// The code that the README shows.
enum Readme {
  /// The first block of a language that holds a text.
  static func block(_ language: String, holding text: String) throws -> String {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../README.md")
    let readme = try String(contentsOf: path.standardizedFileURL, encoding: .utf8)
    let blocks = readme.components(separatedBy: "```").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    let block = try #require(blocks.first { $0.hasPrefix(language + "\n") && $0.contains(text) })
    return String(block.dropFirst(language.count + 1))
  }
}
