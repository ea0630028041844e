import NIOCore

/// Watches a connection or stream: notices that the client left, and closes on a client that stops reading its answer.
///
/// A client that half-closes has not left: it waits for its answer (RFC 9112, section 9.6). A reset, a connection that
/// is closed and a TLS connection that ends without `close_notify` are leaving.
///
/// Lives on its channel's event loop.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny
  typealias OutboundIn = NIOAny

  let presence = ClientPresence()
  private let stallTimeout: TimeAmount
  private var stall: Scheduled<Void>?

  /// Creates a handler that gives a client `stallTimeout` to read the next piece of an answer.
  init(stallTimeout: Duration) {
    self.stallTimeout = TimeAmount(stallTimeout)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    end()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    presence.clientLeft()
    context.fireErrorCaught(error)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    stall?.cancel()
    stall = nil
    if !context.channel.isWritable {
      let channel = context.channel
      stall = context.eventLoop.scheduleTask(in: stallTimeout) { channel.close(promise: nil) }
    }
    context.fireChannelWritabilityChanged()
  }

  private func end() {
    stall?.cancel()
    stall = nil
    presence.clientLeft()
  }
}

extension Channel {
  /// The presence that the channel's ``ConnectionHandler`` keeps. Where there is none, as on a channel that has closed,
  /// one that ends with the channel.
  func clientPresence() async throws -> ClientPresence {
    try await eventLoop.submit {
      if let handler = try? self.pipeline.syncOperations.handler(type: ConnectionHandler.self) {
        return handler.presence
      }
      let presence = ClientPresence()
      self.closeFuture.whenComplete { _ in presence.clientLeft() }
      return presence
    }.get()
  }
}
