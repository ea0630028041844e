import Hummingbird

/// What a page's handler answers with; headers and layout are added to it.
struct Answer: Sendable {
  /// What the browser gets.
  enum Content: Sendable {
    case page(Page)
    /// Another page of ours to go to, by GET.
    case redirect(String)
    /// A file of ours that never changes.
    case asset(type: String, bytes: [UInt8])
  }

  let content: Content
  var status: HTTPResponse.Status
  /// What happens to the browser's session.
  var session = SessionChange.none
  /// Headers besides those that every page has.
  var headers = HTTPFields()

  /// What an answer does to the browser's session.
  enum SessionChange: Sendable {
    case none
    case begins(Session, lifetime: Int64)
    case ends
  }
}

extension Answer {
  /// A page.
  /// - Parameters:
  ///   - title: What the browser's tab says.
  ///   - section: Which entry of the navigation it belongs to.
  ///   - content: What the template calls `page`.
  static func page(
    _ template: Template, title: String, section: Section? = nil, status: HTTPResponse.Status = .ok,
    notice: Notice? = nil, content: some Sendable
  ) -> Answer {
    let page = Page(template: template, title: title, section: section, notice: notice, content: content)
    return Answer(content: .page(page), status: status)
  }

  /// Sends the browser to another page of ours.
  /// - Parameters:
  ///   - path: A path of ours, its parts encoded.
  ///   - notice: What the page then says above all else.
  static func redirect(to path: String, notice: Notice? = nil) -> Answer {
    let query = notice.map { "?notice=\($0.rawValue)" } ?? ""
    return Answer(content: .redirect(path + query), status: .seeOther)
  }

  /// Sends a browser whose session has ended to sign in, and then back.
  static func signIn(returningTo path: String?) -> Answer {
    let next = path.flatMap(LocalPath.init).flatMap { $0.text == "/dashboard" ? nil : $0.text }
    let query = next.map { "?next=" + FormFields.percentEncoded($0) } ?? ""
    var answer = Answer.redirect(to: "/dashboard/sign-in" + query)
    answer.session = .ends
    return answer
  }

  /// A page that says what is wrong.
  static func error(_ error: PageError) -> Answer {
    var answer = Answer.page(.error, title: error.title, status: error.status, content: error)
    answer.headers = error.headers
    return answer
  }
}
