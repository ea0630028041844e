import Hummingbird
import ServiceKit

/// The cookie that carries a notice from the answer to a form to the page that it leads to.
///
/// A link cannot make a page say that something was done: only our own answers set the cookie, and the page that shows
/// the notice takes it away.
struct NoticeCookie: Sendable {
  /// How long a browser keeps it, in seconds: the next page follows at once.
  private static let lifetime: Int64 = 60
  private let cookie: BrowserCookie

  /// Creates the cookie of an origin.
  init(origin: Origin) {
    cookie = BrowserCookie("notice", origin: origin, sameSite: .strict)
  }

  /// The notice that a request carries. `nil`: there is no cookie of ours, or none of our notices in it.
  func notice(in headers: HTTPFields) -> FlashMessage? {
    cookie.values(in: headers).lazy.compactMap { FlashMessage(code: $0) }.first
  }

  /// The header that gives a browser the cookie.
  func setting(_ notice: FlashMessage) -> String {
    cookie.setting(notice.code, lifetime: Self.lifetime)
  }

  /// The header that takes the cookie away.
  var clearing: String { cookie.clearing }
}
