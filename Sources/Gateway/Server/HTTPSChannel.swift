import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore
import NIOSSL

/// HTTPS with HTTP/2 or HTTP/1.1 as the client chooses, and an end to handshakes that never end.
struct HTTPSChannel: ServerChildChannel {
  let base: HTTP2UpgradeChannel
  let handshakeTimeout: Duration

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP2UpgradeChannel.Value> {
    base.setup(channel: channel, logger: logger).flatMapThrowing { value in
      let pipeline = channel.pipeline.syncOperations
      let tls = try pipeline.handler(type: NIOSSLServerHandler.self)
      try pipeline.addHandler(HandshakeTimeoutHandler(timeout: handshakeTimeout), position: .after(tls))
      return value
    }
  }

  func handle(value: HTTP2UpgradeChannel.Value, logger: Logger) async {
    await base.handle(value: value, logger: logger)
  }
}
