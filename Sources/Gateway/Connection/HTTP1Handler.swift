import Hummingbird
import NIOCore
import NIOHTTP1

/// What the HTTP library leaves out of HTTP/1: clients that speak HTTP/1.0 or ask for the connection to end in any
/// spelling, and an answer in the API's own form to bytes that are no HTTP request.
///
/// Stands between the HTTP/1 codec and everything above it; lives on its channel's event loop.
final class HTTP1Handler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// The heads of the requests that are not answered yet, in their order. Reading stops when the HTTP library has a few
  /// that it has not taken, so there are never many.
  private var unanswered = CircularBuffer<HTTPRequestHead>()
  /// Whether the connection ends with the answer that is being written.
  private var isLast = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head(let head) = unwrapInboundIn(data) { unanswered.append(head) }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard let request = unanswered.first else { return context.write(data, promise: promise) }
    switch unwrapOutboundIn(data) {
    case .head(let head) where head.status.code < 200:
      // HTTP/1.0 has no interim answers (RFC 9110, section 15.2).
      if request.version == .http1_0 { promise?.succeed() } else { context.write(data, promise: promise) }
    case .head(var head):
      let isOld = request.version == .http1_0
      // HTTP/1.0 has no chunks: what has no length ends with the connection.
      isLast = !request.isKeepAlive || isOld && !head.headers.contains(name: "content-length")
      if isOld { head.version = .http1_0 }
      if isLast || isOld { head.headers.replaceOrAdd(name: "Connection", value: isLast ? "close" : "keep-alive") }
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body:
      context.write(data, promise: promise)
    case .end:
      unanswered.removeFirst()
      guard isLast else { return context.write(data, promise: promise) }
      context.writeAndFlush(data, promise: promise)
      context.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // In the middle of a request it is for whoever reads its body.
    guard let error = error as? HTTPParserError, unanswered.isEmpty else { return context.fireErrorCaught(error) }
    let refusal = error == .headerOverflow ? APIError.headerTooLarge : .badRequest
    let response = refusal.response
    var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: response.status.code))
    for field in response.headers { head.headers.add(name: field.name.rawName, value: field.value) }
    head.headers.add(name: "Connection", value: "close")
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(refusal.body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    context.close(promise: nil)
  }
}
