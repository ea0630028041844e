/// Who looks at a page.
struct Viewer: Sendable {
  /// The address that is signed in.
  let email: String
  /// What the forms of the page carry.
  let formToken: String
}
