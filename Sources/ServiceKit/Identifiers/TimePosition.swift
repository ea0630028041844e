/// A place in a list that is ordered by time: the last entry of a page.
package struct TimePosition: Sendable, Hashable {
  /// Microseconds since 1970, what PostgreSQL's timestamps hold; at most the end of the year 9999.
  package let microseconds: Int64
  /// Tells entries of the same instant apart.
  package let id: String

  /// Creates a position.
  package init(microseconds: Int64, id: String) {
    self.microseconds = microseconds
    self.id = id
  }

  /// Reads what ``text`` wrote.
  /// - Throws: ``ServiceError`` `invalidArgument` for anything else.
  package init(_ text: String) throws(ServiceError) {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2, let microseconds = Int64(parts[0]), (0...Self.latest).contains(microseconds) else {
      throw ServiceError(.invalidArgument, "page_token must be the next_page_token of an earlier answer.")
    }
    self.init(microseconds: microseconds, id: String(parts[1]))
  }

  /// The position as the key of a ``PageRequest``.
  package var text: String { "\(microseconds) \(id)" }

  private static let latest: Int64 = 253_402_300_799_999_999
}
