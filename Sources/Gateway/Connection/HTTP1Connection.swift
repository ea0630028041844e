import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// A connection that speaks HTTP/1: the HTTP library's own but for ``RequestDecoder`` and ``HTTP1Handler``.
struct HTTP1Connection: HTTPChannelHandler {
  typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

  /// How many times as much of a header section is read as is taken, so that the refusal of one that is too long has
  /// the request's id.
  private static let excess = 4

  let responder: Responder
  let limits: ServerLimits

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      var headers = NIOHTTPDecoderLimitConfiguration()
      headers.maxHeaderFieldSize = Self.excess * limits.headerSize
      headers.maxHeaderListSize = Self.excess * limits.headerSize
      headers.maxHeaderFieldCount = Self.excess * limits.headerCount
      let decoder = RequestDecoder(limits: headers)
      let handlers: [any ChannelHandler] = [
        HTTPResponseEncoder(configuration: .init()),
        // A field waits for its rest; the decoder takes everything else at once.
        ByteToMessageHandler(decoder, maximumBufferSize: headers.maxHeaderFieldSize),
        HTTP1Handler(decoder: decoder, limits: limits, logger: logger),
        HTTP1ToHTTPServerCodec(secure: false),
        ConnectionHandler(stallTimeout: limits.stallTimeout),
        HTTPConnectionStateHandler(idleTimeout: limits.idleTimeout, logger: logger),
      ]
      try channel.pipeline.syncOperations.addHandlers(handlers)
      return try NIOAsyncChannel(
        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }
  }

  func handle(value: Value, logger: Logger) async {
    await handleHTTP(asyncChannel: value, logger: logger)
  }
}
