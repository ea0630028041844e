import FoundationEssentials

/// What a list call asks for (AIP-158): at most so many entries, after the last key of the page before.
package struct PageRequest: Sendable, Hashable {
  private static let defaultLimit = 100
  private static let maximumLimit = 1_000

  /// The most entries in the answer, 1 to 1,000.
  package let limit: Int
  /// The last key of the page before. Nil: the first page.
  package let after: String?

  /// Reads a request's `page_size` and `page_token`. A size over the maximum is taken as the maximum, 0 as the default.
  /// - Throws: ``ServiceError`` for a negative size and for a token that no list call gave out.
  package init(size: Int32, token: String) throws(ServiceError) {
    guard size >= 0 else { throw ServiceError(violating: "page_size", "must not be negative") }
    limit = size == 0 ? Self.defaultLimit : min(Int(size), Self.maximumLimit)
    guard !token.isEmpty else {
      after = nil
      return
    }
    guard let data = Data(base64Encoded: token), let key = String(data: data, encoding: .utf8), !key.contains("\0")
    else { throw .foreignPageToken }
    after = key
  }

  /// Cuts one more row than ``limit`` down to a page and the token of the next one, empty when there is none.
  package func page<Row>(_ rows: [Row], key: (Row) throws -> String) rethrows -> (items: [Row], nextToken: String) {
    guard rows.count > limit, limit > 0 else { return (rows, "") }
    let items = Array(rows.prefix(limit))
    return (items, Data(try key(items[limit - 1]).utf8).base64EncodedString())
  }
}

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
      throw .foreignPageToken
    }
    self.init(microseconds: microseconds, id: String(parts[1]))
  }

  /// The position as the key of a ``PageRequest``.
  package var text: String { "\(microseconds) \(id)" }

  private static let latest: Int64 = 253_402_300_799_999_999
}

extension ServiceError {
  /// The error of a `page_token` that no list call gave out.
  fileprivate static let foreignPageToken = ServiceError(
    violating: "page_token", "must be the next_page_token of an earlier answer")
}
