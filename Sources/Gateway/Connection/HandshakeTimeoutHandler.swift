package import NIOCore
import NIOTLS

/// Closes a connection whose TLS handshake takes too long. Lives on its channel's event loop.
package final class HandshakeTimeoutHandler: ChannelInboundHandler, RemovableChannelHandler {
  package typealias InboundIn = NIOAny

  private let timeout: TimeAmount
  private var deadline: Scheduled<Void>?

  /// Creates a handler that gives the handshake `timeout`, from when it is added.
  package init(timeout: Duration) {
    self.timeout = TimeAmount(timeout)
  }

  package func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    deadline = context.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
  }

  package func handlerRemoved(context: ChannelHandlerContext) {
    deadline?.cancel()
  }

  package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted? = event as? TLSUserEvent { deadline?.cancel() }
    context.fireUserInboundEventTriggered(event)
  }
}
