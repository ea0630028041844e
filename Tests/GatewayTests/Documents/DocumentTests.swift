import Foundation
import SystemSupport
import Testing

/// What the project's Markdown files say of other files.
@Suite struct DocumentTests {
  /// A path that a document names, and where.
  struct Mention: Sendable, Hashable, CustomTestStringConvertible {
    let document: String
    let line: Int
    let path: String

    var testDescription: String { "\(document):\(line): \(path)" }
  }

  /// Every Markdown file but the changelog, which tells of the past.
  private static let documents = Set(files("")).filter { $0.hasSuffix(".md") && $0 != "CHANGELOG.md" }.sorted()

  @Test("Every path that a document names exists", arguments: documents)
  func paths(document: String) throws {
    for mention in Self.mentions(in: document, try Readme.text(of: document)) {
      #expect(Self.exists(mention), "\(mention.testDescription) does not exist")
    }
  }

  @Test("A path that does not exist is found, be it in a link or quoted, with its line")
  func missing() {
    let text = """
      See [the tests](Tests/README.md) and `Tests/GatewayTests`, `POST /v1/predict`, `store_metrics/orders`,
      [gone](Tests/Gone.md#there), [elsewhere](https://example.com/a) and `Sources/Gone/Gone.swift --flag`.
      ```sh
      Tests/Soak/never "[code](is/not/read)"
      ```
      `Tests/GatewayTests/Documents/DocumentTests.swift`, `NoSuchFile.swift`, `DocumentTests.swift`
      """
    let missing = Self.mentions(in: "README.md", text).filter { !Self.exists($0) }
    #expect(missing.map(\.line) == [2, 2, 6])
    #expect(missing.map(\.path) == ["Tests/Gone.md", "Sources/Gone/Gone.swift", "NoSuchFile.swift"])
  }

  @Test("The README's figures are those of the last measurements") func figures() throws {
    let readme = try Readme.text(of: "README.md")
    var count = 0
    for row in readme.split(separator: "\n") where row.hasPrefix("|") && row.contains("/Results/") {
      let source = try #require(row.firstMatch(of: /\]\((.+?)\)/)).output.1
      let results = try Readme.text(of: String(source))
      let text = try #require(row.split(separator: "|").first { $0.contains(/[0-9]/) })
      for number in text.matches(of: /[0-9][0-9.,]*[0-9]|[0-9]/).map(\.output) {
        #expect(results.contains(number), "README.md: \(source) has no \(number)")
        count += 1
      }
    }
    #expect(count >= 3)
  }

  /// What is there only after a build, or after `docker/secrets.sh`.
  private static let made = [".build", "docker/secrets/"]

  /// The targets of a text's links and the paths between back-quotes, outside blocks of code.
  private static func mentions(in document: String, _ text: String) -> [Mention] {
    let folder = (document as NSString).deletingLastPathComponent
    let roots = Set(entries("") + entries(folder))
    var isCode = false
    var mentions: [Mention] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("```") { isCode.toggle() }
      guard !isCode else { continue }
      let links = line.matches(of: /\]\(([^)\s]+)\)/).map { $0.output.1.prefix { $0 != "#" } }
        .filter { !$0.isEmpty && !$0.contains(":") }
      let quoted = line.matches(of: /`([^`]+)`/).map { $0.output.1.prefix { $0 != " " } }.filter { path in
        guard !made.contains(where: { path.contains($0) }) else { return false }
        let isPath = path.contains("/") && roots.contains(String(path.prefix { $0 != "/" }))
        return path.wholeMatch(of: /[\w.+-][\w.+\/-]*/) != nil && (isPath || path.hasSuffix(".swift"))
      }
      mentions += (links + quoted).map { Mention(document: document, line: index + 1, path: String($0)) }
    }
    return mentions
  }

  /// Whether there is such a file or folder, seen from the document or the root, or a source file of that name.
  private static func exists(_ mention: Mention) -> Bool {
    let folder = (mention.document as NSString).deletingLastPathComponent
    let places = [Readme.root + "/" + folder, Readme.root]
    if places.contains(where: { FileManager.default.fileExists(atPath: $0 + "/" + mention.path) }) { return true }
    return !mention.path.contains("/") && sourceNames.contains(mention.path)
  }

  private static let sourceNames = Set(
    (files("Sources") + files("Tests")).map { ($0 as NSString).lastPathComponent }.filter { $0.hasSuffix(".swift") })

  /// The names in a folder of the package.
  private static func entries(_ folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: Readme.root + "/" + folder)) ?? []
  }

  /// The paths of all files in a folder of the package, without those of builds.
  private static func files(_ folder: String) -> [String] {
    entries(folder).filter { !$0.hasPrefix(".") }.flatMap { name in
      let path = folder.isEmpty ? name : folder + "/" + name
      let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: Readme.root + "/" + path)) != nil
      return isLink ? [] : [path] + files(path)
    }
  }
}
