import HTTPTypes
import NIOCore
import NIOHTTP1

/// Decodes HTTP/1 requests, and goes on where NIO's own decoder stops: after a request that asks for another protocol
/// (RFC 9110, section 7.8), at whose end that one stops for good and would keep every later byte, and at one with a
/// method that it does not know.
///
/// Lives on its channel's event loop.
final class RequestDecoder: ByteToMessageDecoder {
  typealias InboundOut = HTTPServerRequestPart

  /// A request's line is longer than is read.
  struct LineOverflow: Error {}

  private let limits: NIOHTTPDecoderLimitConfiguration
  private var base: HTTPRequestDecoder
  /// Whether a request ended among the bytes that are being decoded.
  private var hasEnded = false
  private var hasStopped = false
  /// Whether the request that is being read has begun, and its body is not read to its end.
  private var isInRequest = false
  /// Whether nothing but the line of a request, or a part of it, has been read of it.
  private var isInLine = true
  /// How many bytes of the buffer have been decoded before and are kept.
  private var kept = 0

  /// Creates a decoder that refuses header sections beyond `limits`.
  init(limits: NIOHTTPDecoderLimitConfiguration) {
    self.limits = limits
    base = HTTPRequestDecoder(limitConfiguration: limits)
  }

  /// Notes that the head of a request has just been read.
  func requestBegan() {
    isInRequest = true
  }

  /// Notes that a request has just ended.
  /// - Parameter isStopping: Whether NIO's decoder stops at it, so that another must read on.
  func requestEnded(isStopping: Bool) {
    isInRequest = false
    hasEnded = true
    hasStopped = isStopping
  }

  func decoderAdded(context: ChannelHandlerContext) {
    base.decoderAdded(context: context)
  }

  func decoderRemoved(context: ChannelHandlerContext) {
    base.decoderRemoved(context: context)
  }

  func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
    hasEnded = false
    // The parser keeps a line until it has all of it.
    let lineEnd = isInLine ? buffer.readableBytesView.dropFirst(kept).firstIndex(of: UInt8(ascii: "\n")) : nil
    do {
      try decodeBase(context, &buffer)
    } catch HTTPParserError.headerOverflow where isInLine && !hasEnded {
      let length = (lineEnd ?? buffer.writerIndex) - buffer.readerIndex
      throw length > limits.maxHeaderFieldSize ? LineOverflow() : HTTPParserError.headerOverflow
    }
    // Where the line of a request ends that came together with the end of another, nobody has looked.
    isInLine = hasEnded ? !isInRequest && buffer.readableBytes == 0 : isInLine && lineEnd == nil
    kept = buffer.readableBytes
    guard hasStopped else { return .needMoreData }
    hasStopped = false
    restart(context)
    return buffer.readableBytes > 0 ? .continue : .needMoreData
  }

  private func decodeBase(_ context: ChannelHandlerContext, _ buffer: inout ByteBuffer) throws {
    do {
      _ = try base.decode(context: context, buffer: &buffer)
    } catch let error as HTTPParserError {
      // Behind another request it is not known where this one begins.
      guard !hasEnded, let request = error.isOfMethod ? buffer.withKnownMethod : nil else { throw error }
      buffer = request
      restart(context)
      _ = try base.decode(context: context, buffer: &buffer)
    }
  }

  func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws -> DecodingState {
    while buffer.readableBytes > 0, try decode(context: context, buffer: &buffer) == .continue {}
    return try base.decodeLast(context: context, buffer: &buffer, seenEOF: seenEOF)
  }

  private func restart(_ context: ChannelHandlerContext) {
    base.decoderRemoved(context: context)
    base = HTTPRequestDecoder(limitConfiguration: limits)
    base.decoderAdded(context: context)
  }
}

extension HTTPParserError {
  /// Whether it is that of a method which is unknown, or known and not of HTTP.
  fileprivate var isOfMethod: Bool {
    self == .invalidMethod || self == .invalidConstant
  }
}

extension ByteBuffer {
  /// The same request with a method that the parser knows and no path takes. A request with any other such method is
  /// answered like it: 405 with `Allow`, or 404, as over HTTP/2, and not the 501 that RFC 9110, section 9.1, suggests.
  /// Nil: the bytes do not begin with a whole request line.
  fileprivate var withKnownMethod: ByteBuffer? {
    // Empty lines may come before it (RFC 9112, section 2.2).
    let bytes = readableBytesView.drop { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 3, words[2].starts(with: "HTTP/".utf8), line.endIndex < bytes.endIndex,
      HTTPRequest.Method(rawValue: String(decoding: words[0], as: UTF8.self)) != nil
    else { return nil }
    var request = ByteBuffer(string: "UNLINK")
    request.writeBytes(bytes[words[0].endIndex...])
    return request
  }
}

extension HTTPRequestHead {
  /// Whether NIO's decoder takes what follows this request for another protocol: exactly its parser's rule, since a
  /// decoder that has not stopped may hold the beginning of the next request.
  var stopsDecoder: Bool {
    if method == .CONNECT { return true }
    guard headers["Upgrade"].contains(where: { !$0.isEmpty }) else { return false }
    return (headers["Connection"] + headers["Proxy-Connection"]).contains { value in
      value.utf8.split(separator: UInt8(ascii: ",")).contains { option in
        var option = option.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        while option.last == UInt8(ascii: " ") { option.removeLast() }
        return String(decoding: option, as: UTF8.self).lowercased() == "upgrade"
      }
    }
  }
}
