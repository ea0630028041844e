import Testing
import TokenDomain

@Suite struct RevocationFeedTests {
  private static func entry(_ revision: Int64, tag: UInt64? = nil) -> Revocation {
    Revocation(
      at: LogPosition(revision: revision, tag: tag ?? UInt64(revision)), of: .credential("token \(revision)"))
  }

  private static func entries(_ revisions: Int64...) -> [Revocation] {
    revisions.map { entry($0) }
  }

  @Test("A stream sends what follows its last entry, once")
  func resuming() {
    var feed = RevocationFeed(after: Self.entry(3).position)
    #expect(feed.read(Self.entries(3, 4, 5)) == .send(Self.entries(4, 5)))
    #expect(feed.position == Self.entry(5).position)
    #expect(feed.read(Self.entries(5)) == .send([]))
    #expect(feed.position == Self.entry(5).position)
    #expect(feed.read(Self.entries(5, 6)) == .send(Self.entries(6)))
    #expect(feed.position == Self.entry(6).position)
  }

  @Test(
    "A log that does not hold the last entry, or has a gap, resets the session",
    arguments: [
      [],
      // The beginning was deleted.
      entries(4, 5),
      // Another log's entry is in its place.
      [entry(3, tag: 7), entry(4)],
      entries(2, 3, 4),
      entries(3, 5),
      entries(3, 4, 4),
      entries(3, 4, 5, 7),
    ])
  func resetting(entries: [Revocation]) {
    var feed = RevocationFeed(after: Self.entry(3).position)
    #expect(feed.read(entries) == .reset)
    #expect(feed.position == Self.entry(3).position)
  }
}
