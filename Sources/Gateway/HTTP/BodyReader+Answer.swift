import Hummingbird
import NIOCore

extension BodyReader.Body {
  /// The body. Nil: it was too long.
  var bytes: [UInt8]? {
    if case .complete(let bytes) = self { bytes } else { nil }
  }

  var isEndless: Bool {
    if case .endless = self { true } else { false }
  }
}

extension Response {
  /// The same answer, and soon after it the end of the connection, of whose body more is coming than anybody reads.
  func closingConnection(of context: APIContext) -> Response {
    let body = self.body
    var headers = self.headers
    // HTTP/2 knows no such header; there, the stream is reset.
    if !context.isHTTP2 { headers[.connection] = "close" }
    return Response(
      status: status, headers: headers,
      body: ResponseBody(contentLength: body.contentLength) { writer in
        try await body.write(writer)
        // Closing on a client that is still sending resets the connection, which may undo what was just written.
        context.channel.eventLoop.scheduleTask(in: .seconds(1)) { context.abort() }
      })
  }
}
