import Hummingbird

/// The result of a page's handler, to which layout and common headers are added.
struct DashboardResponse: Sendable {
  /// The kinds of content.
  enum Content: Sendable {
    case page(Page)
    /// Another page of ours to go to, by GET.
    case redirect(String)
    /// A file of ours that never changes.
    case asset(type: String, bytes: [UInt8])
  }

  /// The effect of a response on the browser's session.
  enum SessionChange: Sendable {
    case none
    case begins(Session, lifetime: Int64)
    case ends
  }

  let content: Content
  var status: HTTPResponse.Status
  /// The effect on the browser's session.
  var session = SessionChange.none
  /// Headers besides those that every page has.
  var headers = HTTPFields()
  /// What was done: a page says it above all else, and a redirect has the page that it leads to say it.
  var flash: FlashMessage?
}

extension DashboardResponse {
  /// A page.
  /// - Parameters:
  ///   - title: What the browser's tab says.
  ///   - section: Which entry of the navigation it belongs to.
  ///   - content: What the template calls `page`.
  static func page(
    _ template: Template, title: String, section: Section? = nil, status: HTTPResponse.Status = .ok,
    content: some Sendable
  ) -> DashboardResponse {
    let page = Page(template: template, title: title, section: section, content: content)
    return DashboardResponse(content: .page(page), status: status)
  }

  /// Sends the browser to another page of ours.
  /// - Parameters:
  ///   - path: A path of ours, its parts encoded.
  ///   - action: What was done, which the page then says above all else.
  ///   - receipt: When that held everywhere, for a change to an access token.
  static func redirect(
    to path: String, flash action: FlashMessage.Action? = nil, receipt: ChangeReceipt? = nil
  ) -> DashboardResponse {
    DashboardResponse(
      content: .redirect(path), status: .seeOther, flash: action.map { FlashMessage($0, receipt) })
  }

  /// Sends a browser to sign in whose session has just ended as it asked for.
  static var signedOut: DashboardResponse {
    var response = DashboardResponse.redirect(to: "/dashboard/sign-in", flash: .signedOut)
    response.session = .ends
    return response
  }

  /// Sends a browser without a session, or whose session has ended, to sign in.
  ///
  /// Its cookie stays: by the time that the answer arrives it may be a newer one, of a sign-in in another tab.
  /// - Parameter path: Where it is sent then. `nil`: it has sent a form, and learns that nothing came of that.
  static func signIn(returningTo path: String?) -> DashboardResponse {
    let next = path.flatMap(ReturnPath.init).flatMap { $0.text == "/dashboard" ? nil : $0.text }
    let query = next.map { "?next=" + FormFields.percentEncoded($0) } ?? ""
    return .redirect(to: "/dashboard/sign-in" + query, flash: path == nil ? .formIgnored : nil)
  }

  /// A page that says what is wrong.
  static func error(_ error: PageError) -> DashboardResponse {
    var response = DashboardResponse.page(.error, title: error.title, status: error.status, content: error)
    response.headers = error.headers
    return response
  }
}
