import NIOCore
import NIOHTTP1

/// Decodes HTTP/1 requests, and goes on after one that asks for another protocol (RFC 9110, section 7.8).
///
/// NIO's own decoder stops for good at the end of such a request and would keep every later byte. Lives on its
/// channel's event loop.
final class RequestDecoder: ByteToMessageDecoder {
  typealias InboundOut = HTTPServerRequestPart

  private let limits: NIOHTTPDecoderLimitConfiguration
  private var base: HTTPRequestDecoder
  private var hasStopped = false

  /// Creates a decoder that refuses header sections beyond `limits`.
  init(limits: NIOHTTPDecoderLimitConfiguration) {
    self.limits = limits
    base = HTTPRequestDecoder(limitConfiguration: limits)
  }

  /// Reads on after the request that has just ended, at which NIO's decoder has stopped.
  func restart() {
    hasStopped = true
  }

  func decoderAdded(context: ChannelHandlerContext) {
    base.decoderAdded(context: context)
  }

  func decoderRemoved(context: ChannelHandlerContext) {
    base.decoderRemoved(context: context)
  }

  func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
    _ = try base.decode(context: context, buffer: &buffer)
    guard hasStopped else { return .needMoreData }
    hasStopped = false
    base.decoderRemoved(context: context)
    base = HTTPRequestDecoder(limitConfiguration: limits)
    base.decoderAdded(context: context)
    return buffer.readableBytes > 0 ? .continue : .needMoreData
  }

  func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws -> DecodingState {
    while buffer.readableBytes > 0, try decode(context: context, buffer: &buffer) == .continue {}
    return try base.decodeLast(context: context, buffer: &buffer, seenEOF: seenEOF)
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
