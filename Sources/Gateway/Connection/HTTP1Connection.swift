import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// A connection that speaks HTTP/1: the HTTP library's own but for ``RequestDecoder`` and ``HTTP1Handler``.
struct HTTP1Connection: HTTPChannelHandler {
  typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

  /// The most bytes of a header section that wait for its rest; the decoder takes everything else at once.
  private static let undecodedLimit = 64 << 10

  let responder: Responder
  let limits: ServerLimits

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      var headers = NIOHTTPDecoderLimitConfiguration()
      headers.maxHeaderFieldSize = limits.headerSize
      headers.maxHeaderListSize = limits.headerSize
      headers.maxHeaderFieldCount = limits.headerCount
      let decoder = RequestDecoder(limits: headers)
      let handlers: [any ChannelHandler] = [
        HTTPResponseEncoder(configuration: .init()),
        ByteToMessageHandler(decoder, maximumBufferSize: Self.undecodedLimit),
        HTTP1Handler(decoder: decoder),
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
