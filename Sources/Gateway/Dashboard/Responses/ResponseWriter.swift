import Hummingbird
import NIOCore
import ServiceKit

/// Turns what handlers return into HTTP.
struct ResponseWriter: Sendable {
  let pages: PageRenderer
  private let security: SecurityHeaders

  init(pages: PageRenderer) {
    self.pages = pages
    security = SecurityHeaders(styleHash: pages.styleHash)
  }

  /// The HTTP response.
  /// - Parameters:
  ///   - viewer: Who is signed in, if anyone.
  ///   - origin: What the request was sent to.
  func write(_ response: DashboardResponse, viewer: Viewer?, origin: Origin) -> Response {
    var headers = security.fields(isSecure: origin.isSecure)
    let notice = NoticeCookie(origin: origin)
    var noticeHeader: String?
    let body: ByteBuffer
    switch response.content {
    case .page(let page):
      headers[.contentType] = "text/html; charset=utf-8"
      body = ByteBuffer(string: pages.html(page, flash: response.flash, viewer: viewer))
      noticeHeader = response.flash.map { _ in notice.clearing }
    case .redirect(let path):
      headers[.location] = path
      noticeHeader = response.flash.map(notice.setting)
      body = ByteBuffer()
    case .asset(let type, let bytes):
      headers[.contentType] = type
      headers[.cacheControl] = "public, max-age=31536000, immutable"
      body = ByteBuffer(bytes: bytes)
    }
    let cookie = SessionCookie(origin: origin)
    switch response.session {
    case .none: break
    case .begins(let session, let lifetime): headers[.setCookie] = cookie.setting(session, lifetime: lifetime)
    case .ends: headers[.setCookie] = cookie.clearing
    }
    if let noticeHeader { headers[values: .setCookie].append(noticeHeader) }
    headers.append(contentsOf: response.headers)
    return Response(status: response.status, headers: headers, body: ResponseBody(byteBuffer: body))
  }
}
