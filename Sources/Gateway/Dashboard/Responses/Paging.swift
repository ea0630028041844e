/// The links below a list, as the partial `Paging` draws them: to its first page, and to the next one.
struct Paging: Sendable {
  /// The name that tells the links from those of another list: `Pages of series`.
  let label: String
  /// `nil` on the first page.
  let firstPath: String?
  /// `nil` on the last page.
  let nextPath: String?

  /// Links the pages of a list. `nil` when there is one page only.
  /// - Parameters:
  ///   - path: Where the first page is.
  ///   - token: The token of the page shown. Empty: the first.
  ///   - nextToken: The token of the page after it. Empty: there is none.
  ///   - anchor: Where on the page the list is. Empty: at its top.
  init?(_ label: String, at path: String, token: String, nextToken: String, anchor: String = "") {
    guard !token.isEmpty || !nextToken.isEmpty else { return nil }
    self.label = label
    let fragment = anchor.isEmpty ? "" : "#" + anchor
    firstPath = token.isEmpty ? nil : path + fragment
    nextPath = nextToken.isEmpty ? nil : "\(path)?page=\(FormFields.percentEncoded(nextToken))\(fragment)"
  }
}
