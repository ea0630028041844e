package import Hummingbird
import ServiceKit

/// A page that says what is wrong, in place of the one that was asked for.
package struct PageError: Error {
  /// The HTTP status.
  package let status: HTTPResponse.Status
  /// The heading.
  package let title: String
  /// The way out.
  package let message: String
  /// The way out where it is the operator's. `nil` when there is none.
  package let hint: String?
  /// Headers that go with it.
  package let headers: HTTPFields

  init(
    _ status: HTTPResponse.Status, _ title: String, _ message: String, hint: String? = nil, headers: HTTPFields = [:]
  ) {
    self.status = status
    self.title = title
    self.message = message
    self.hint = hint
    self.headers = headers
  }

  /// A refusal that no page has foreseen.
  init(_ refusal: ServiceError) {
    let status = refusal.reason.pageStatus
    self.init(status, status == .notFound ? "Not found" : "That did not work", refusal.sentence)
  }
}

extension PageError {
  static let notFound = PageError(
    .notFound, "Page not found", "There is nothing here. It may have been deleted, or the address may be mistyped.")
  static let foreignForm = foreignForm(hint: nil)
  static let formTooLarge = PageError(
    .contentTooLarge, "That is too much", "A form can hold at most 64 KiB. Nothing was changed.")
  static let wrongFormType = PageError(
    .unsupportedMediaType, "This form cannot be read", "Forms are application/x-www-form-urlencoded.")
  static let malformedForm = PageError(
    .badRequest, "This form cannot be read", "It is malformed. Nothing was changed.")
  /// A change to access tokens or sessions that may be made, or not, or not everywhere.
  static let unconfirmed = PageError(
    .badGateway, "Not confirmed yet",
    "The change may be made already, but it is not known to hold everywhere. Go back and do it again: "
      + "that is answered once it does.")
  /// An access token that was to be deleted, and is not there.
  static let tokenGone = PageError(
    .notFound, "There is no such token",
    "Your account has no such access token. If it had, the token is deleted, and no verifier accepts it any more.")
  /// A session that was to be ended, and is not there.
  static let sessionGone = PageError(
    .notFound, "There is no such session",
    "Your account has no such session. If it had, the session has ended, and nobody is signed in with it any more.")
  /// A password that may be changed, or not, with sessions that may not have ended everywhere.
  static let passwordUnconfirmed = PageError(
    .badGateway, "Not confirmed yet",
    "Your password may be changed already, but other sessions are not known to have ended everywhere. Sign in with the "
      + "new password, and tick “Sign out everywhere else”. If it does not work, change the password again.")
  static let unavailable = PageError(
    .badGateway, "Not available right now",
    "A service behind this page does not answer. You are still signed in: try again in a moment.")

  /// A form that comes from a page of another origin; or of ours, which a proxy has made look like another one.
  /// - Parameters:
  ///   - sender: Where the form comes from, as the browser says.
  ///   - origin: Where this dashboard believes to be.
  static func foreignForm(from sender: Origin?, to origin: Origin) -> PageError {
    guard let sender, sender != origin else { return .foreignForm }
    return foreignForm(
      hint: "Your browser sent it from a page of \(sender), and this gateway believes to be \(origin). If \(sender) is "
        + "the address that you opened, there is a proxy between: whoever runs the gateway has to start it with "
        + "--public-url \(sender), or to name the proxy in --trusted-proxies.")
  }

  private static func foreignForm(hint: String?) -> PageError {
    PageError(
      .forbidden, "This form cannot be used",
      "It was not sent from a page of this dashboard that belongs to your session. Nothing was changed. "
        + "Go back, reload the page, and try again.", hint: hint)
  }

  /// Another method than the path takes (RFC 9110, section 15.5.6).
  static func methodNotAllowed(allow methods: [HTTPRequest.Method]) -> PageError {
    let allowed = methods.contains(.get) ? methods + [.head] : methods
    return PageError(
      .methodNotAllowed, "That does not work here", "This address does not take this kind of request.",
      headers: [.allow: allowed.map(\.rawValue).sorted().joined(separator: ", ")])
  }

  /// Too many requests.
  static func tooManyRequests(retryAfter: Duration?) -> PageError {
    let seconds = (retryAfter ?? .seconds(1)).wholeSeconds
    return PageError(
      .tooManyRequests, "Too many requests", "Try again in \(Count.text(seconds, "second", "seconds")).",
      headers: [.retryAfter: String(seconds)])
  }
}

extension Duration {
  /// The seconds to wait, rounded up and at least 1.
  var wholeSeconds: Int64 {
    max(1, components.seconds + (components.attoseconds > 0 ? 1 : 0))
  }
}
