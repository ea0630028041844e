import Foundation

/// The code that the project's documents show.
package enum Readme {
  package struct NoSuchBlock: Error, CustomStringConvertible {
    package let description: String
  }

  /// The folder of the package.
  package static let root = #filePath.components(separatedBy: "/Tests/SystemSupport/")[0]

  /// The first block of a language that holds a text.
  /// - Parameter document: The document's path in the package.
  package static func block(
    _ language: String, holding text: String, in document: String = "README.md"
  ) throws -> String {
    let blocks = try blocks(language, in: document)
    guard let block = blocks.first(where: { $0.contains(text) }) else {
      throw NoSuchBlock(description: "\(document) has no \(language) block that holds \(text)")
    }
    return block
  }

  /// Every block of a language, in the document's order.
  package static func blocks(_ language: String, in document: String) throws -> [String] {
    try text(of: document).components(separatedBy: "```").enumerated()
      .filter { $0.offset % 2 == 1 && $0.element.hasPrefix(language + "\n") }
      .map { String($0.element.dropFirst(language.count + 1)) }
  }

  /// A document's text.
  package static func text(of document: String) throws -> String {
    try String(contentsOfFile: root + "/" + document, encoding: .utf8)
  }
}
