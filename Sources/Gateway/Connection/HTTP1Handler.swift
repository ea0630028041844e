import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import ServiceKit

/// Adds to HTTP/1 what the HTTP library leaves out: clients that speak HTTP/1.0 or ask for the connection to end in any
/// spelling, a check of the header section, requests that ask for an upgrade, and answers in the API's own form to
/// bytes that are no HTTP request.
///
/// Stands between the HTTP/1 codec and everything above it; lives on its channel's event loop.
final class HTTP1Handler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private let decoder: RequestDecoder
  private let limits: ServerLimits
  private let logger: Logger
  /// The head of the request whose end has not come. Nil: none has begun, or it is dropped.
  private var incoming: HTTPRequestHead?
  /// The heads of the requests that are not answered yet, in their order. Reading stops when the HTTP library has a few
  /// that it has not taken, so there are never many.
  private var unanswered = CircularBuffer<HTTPRequestHead>()
  /// Whether no further request is taken, since the connection ends: what comes is read and dropped.
  private var isEnding = false
  /// Whether the connection ends with the response that is being written.
  private var isLast = false
  /// The response to what is no request, sent once the requests before it are answered.
  private var refusal: (head: HTTPResponseHead, body: ByteBuffer)?

  /// Creates a handler of the requests that `decoder` reads, which refuses those with a header section beyond `limits`.
  /// - Parameter logger: Where it says what it has refused.
  init(decoder: RequestDecoder, limits: ServerLimits, logger: Logger) {
    self.decoder = decoder
    self.limits = limits
    self.logger = logger
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(var head):
      guard !isEnding else { return }
      // The response to a request of HTTP/1.0 may end the connection, and what comes behind it would be done in vain.
      guard unanswered.last?.version != .http1_0 else {
        isEnding = true
        return
      }
      if let refusal = head.refusal(beyond: limits) { return refuse(refusal, head, context) }
      // HTTP/1.0 has no interim responses (RFC 9110, section 10.1.1).
      if head.version == .http1_0 { head.headers.remove(name: "Expect") }
      isEnding = !head.isKeepAlive
      decoder.requestBegan()
      incoming = head
      unanswered.append(head)
      context.fireChannelRead(wrapInboundOut(.head(head)))
    case .body:
      if incoming != nil { context.fireChannelRead(data) }
    case .end:
      guard let head = incoming else { return }
      incoming = nil
      decoder.requestEnded(isStopping: head.stopsDecoder)
      context.fireChannelRead(data)
    }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard let request = unanswered.first else { return context.write(data, promise: promise) }
    switch unwrapOutboundIn(data) {
    case .head(let head) where head.status.code < 200:
      context.write(data, promise: promise)
    case .head(var head):
      let isOld = request.version == .http1_0
      // HTTP/1.0 has no chunks: a body without a length ends with the connection.
      let endsWithBody = isOld && head.status.mayHaveResponseBody && !head.headers.contains(name: "Content-Length")
      isLast =
        !request.isKeepAlive || head.headers[canonicalForm: "Connection"].contains("close") || endsWithBody
        || isEnding && unanswered.count == 1 && refusal == nil
      if isLast { isEnding = true }
      if isOld { head.version = .http1_0 }
      if isLast || isOld { head.headers.replaceOrAdd(name: "Connection", value: isLast ? "close" : "keep-alive") }
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body:
      context.write(data, promise: promise)
    case .end:
      unanswered.removeFirst()
      if isLast {
        writeLast(data, context, promise)
      } else {
        context.write(data, promise: promise)
        if unanswered.isEmpty, refusal != nil { writeRefusal(context) }
      }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case let error as HTTPParserError where incoming == nil && !isEnding:
      refuse(error == .headerOverflow ? .headerTooLarge : .badRequest, nil, context)
    case is RequestDecoder.LineOverflow where !isEnding:
      refuse(.targetTooLong, nil, context)
    case is HTTPParserError where incoming == nil, is ByteToMessageDecoderError where incoming == nil,
      is RequestDecoder.LineOverflow:
      // Bytes that nobody waits for.
      break
    default:
      // In the middle of a request it is for whoever reads its body.
      context.fireErrorCaught(error)
    }
  }

  /// Answers what is no request that can be handled, and ends the connection.
  private func refuse(_ error: APIError, _ request: HTTPRequestHead?, _ context: ChannelHandlerContext) {
    isEnding = true
    let id = request?.headers.requestID ?? RequestID.make()
    let method = request.flatMap { HTTPRequest.Method(rawValue: $0.method.rawValue) }
    AccessLog.write(refusal: error, method: method, requestID: id, to: logger)
    let response = error.unroutedResponse(requestID: id)
    var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: response.status.code))
    for field in response.headers { head.headers.add(name: field.name.rawName, value: field.value) }
    head.headers.add(name: "Connection", value: "close")
    refusal = (head, request?.method == .HEAD ? ByteBuffer() : error.body)
    if unanswered.isEmpty { writeRefusal(context) }
  }

  private func writeRefusal(_ context: ChannelHandlerContext) {
    guard let refusal else { return }
    self.refusal = nil
    context.write(wrapOutboundOut(.head(refusal.head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(refusal.body))), promise: nil)
    writeLast(wrapOutboundOut(.end(nil)), context, nil)
  }

  /// Writes the end of the last response, and ends the connection once the socket has taken all of it.
  private func writeLast(_ end: NIOAny, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
    let channel = context.channel
    let written = promise ?? context.eventLoop.makePromise(of: Void.self)
    written.futureResult.whenComplete { _ in channel.closeAfterLastResponse() }
    context.writeAndFlush(end, promise: written)
  }
}

extension Channel {
  /// Ends a connection so that its peer can still read what has been written: closing on a peer that is still sending
  /// would reset the connection (RFC 9112, section 9.6). What comes until the peer closes, or for a second, is dropped.
  fileprivate func closeAfterLastResponse() {
    close(mode: .output, promise: nil)
    let deadline = eventLoop.scheduleTask(in: .seconds(1)) { self.close(promise: nil) }
    closeFuture.whenComplete { _ in deadline.cancel() }
  }
}
