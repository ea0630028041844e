/// Lists that come in pages.
enum Pages {
  /// The most pages that are read in search of one entry: a thousand entries each.
  private static let limit = 20

  /// The first entry that fits, of all pages in their order.
  /// - Parameter read: Reads the page that a token asks for, and the token of the next one.
  static func first<Entry>(
    where fits: (Entry) -> Bool, read: (String) async throws -> (entries: [Entry], next: String)
  ) async throws -> Entry? {
    var token = ""
    for _ in 0..<limit {
      let page = try await read(token)
      if let entry = page.entries.first(where: fits) { return entry }
      guard !page.next.isEmpty else { return nil }
      token = page.next
    }
    return nil
  }
}
