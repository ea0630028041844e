import PredictServer
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing

@Suite("Data sources")
struct DataSourceTests {
  @Test("A name is a lowercase letter, then lowercase letters, digits and underscores, 48 at most")
  func names() async throws {
    for name in ["a", "store_metrics", "a1_", String(repeating: "a", count: 48)] { #expect(ResourceName.isValid(name)) }
    let bad = ["", "A", "1a", "_a", "a-b", "a b", "é", "a\0", "a\n", String(repeating: "a", count: 49)]
    let account = try await PredictStack.make().account()
    for name in bad {
      await expectRefusal(.invalidArgument, saying: "name must be") { try await account.createSource(name) }
    }
    #expect(try await account.sourceNames() == [[]])
  }

  @Test("A created source is listed once, and its name is taken")
  func create() async throws {
    let account = try await PredictStack.make().account()
    let source = try await account.createSource("metrics")
    #expect(source.id.hasPrefix("src_") && source.id.count == 26 && !source.archived)
    #expect(source.createTime.seconds > 1_700_000_000)
    await expectRefusal(.dataSourceExists) { try await account.createSource("metrics") }
    #expect(try await account.sourceNames() == [["metrics"]])
  }

  @Test("The same idempotency key answers what it created; with another name it is refused")
  func idempotency() async throws {
    let account = try await PredictStack.make().account()
    let first = try await account.createSource("metrics", key: "k 1")
    #expect(try await account.createSource("metrics", key: "k 1") == first)
    await expectRefusal(.idempotencyKeyReused) { try await account.createSource("others", key: "k 1") }
    await expectRefusal(.dataSourceExists) { try await account.createSource("metrics", key: "k 2") }
    await expectRefusal(.invalidArgument) {
      try await account.createSource("x", key: String(repeating: "k", count: 256))
    }
    #expect(try await account.sourceNames() == [["metrics"]])
  }

  @Test("The series of a source are listed by name, with their rows and the latest of them")
  func series() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    try await account.createSource("empty")
    try await account.ingest([
      .of("b", 100, 1), .of("b", 300, 1), .of("b", 200, 1), .of("a", 5, 1), .of("é \"x\"", 7, 1),
    ])
    let pages = try await account.series(size: 2)
    #expect(pages.map { $0.map(\.name) } == [["a", "b"], ["é \"x\""]])
    #expect(pages.joined().map(\.rowCount) == [1, 3, 1])
    #expect(pages.joined().map(\.latestTimestamp) == [5, 300, 7])
    #expect(try await account.series(of: "empty") == [[]])
    await expectRefusal(.dataSourceNotFound) { try await account.series(of: "none") }
    await expectRefusal(.dataSourceNotFound) { try await account.series(of: "a\0") }
  }

  @Test("Pages follow one another by name and end")
  func pages() async throws {
    let account = try await PredictStack.make().account()
    for name in ["d", "b", "a_1", "a1", "c"] { try await account.createSource(name) }
    #expect(try await account.sourceNames(size: 2) == [["a1", "a_1"], ["b", "c"], ["d"]])
    #expect(try await account.sourceNames(size: 5) == [["a1", "a_1", "b", "c", "d"]])
    await expectRefusal(.invalidArgument) { try await account.sourceNames(size: -1) }
  }
}
