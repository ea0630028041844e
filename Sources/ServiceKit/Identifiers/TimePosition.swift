import Postgres
import ServiceKit

/// A place in a list of access tokens: the last one of a page.
struct AccessTokenPosition: Sendable {
  let createTime: PostgresTimestamp
  let id: String

  init(createTime: PostgresTimestamp, id: String) {
    self.createTime = createTime
    self.id = id
  }

  /// Reads what ``text`` wrote. Throws ``ServiceError`` `invalidArgument` for anything else.
  init(_ text: String) throws(ServiceError) {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2, let microseconds = Int64(parts[0]), (0...Self.latest).contains(microseconds) else {
      throw ServiceError(.invalidArgument, "page_token must be the next_page_token of an earlier answer.")
    }
    self.init(createTime: PostgresTimestamp(microsecondsSince1970: microseconds), id: String(parts[1]))
  }

  var text: String { "\(createTime.microsecondsSince1970) \(id)" }

  /// The end of the year 9999, well inside what a timestamptz holds.
  private static let latest: Int64 = 253_402_300_799_999_999
}
