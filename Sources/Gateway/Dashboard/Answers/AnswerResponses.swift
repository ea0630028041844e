import Hummingbird
import NIOCore

/// Turns answers into HTTP.
struct AnswerResponses: Sendable {
  let pages: PageRenderer
  let isSecure: Bool
  private let security: HTTPFields

  init(pages: PageRenderer, isSecure: Bool) {
    self.pages = pages
    self.isSecure = isSecure
    security = SecurityHeaders(styleHash: pages.styleHash, isSecure: isSecure).fields
  }

  /// The response to an answer.
  /// - Parameter viewer: Who is signed in, if anyone.
  func response(to answer: Answer, viewer: Viewer?) -> Response {
    var headers = security
    let body: ByteBuffer
    switch answer.content {
    case .page(let page):
      headers[.contentType] = "text/html; charset=utf-8"
      body = ByteBuffer(string: pages.html(page, viewer: viewer))
    case .redirect(let path):
      headers[.location] = path
      body = ByteBuffer()
    case .asset(let type, let bytes):
      headers[.contentType] = type
      headers[.cacheControl] = "public, max-age=31536000, immutable"
      body = ByteBuffer(bytes: bytes)
    }
    switch answer.session {
    case .none: break
    case .begins(let session, let lifetime):
      headers[.setCookie] = SessionCookie.setting(session, lifetime: lifetime, isSecure: isSecure)
    case .ends: headers[.setCookie] = SessionCookie.clearing(isSecure: isSecure)
    }
    headers.append(contentsOf: answer.headers)
    return Response(status: answer.status, headers: headers, body: ResponseBody(byteBuffer: body))
  }
}
