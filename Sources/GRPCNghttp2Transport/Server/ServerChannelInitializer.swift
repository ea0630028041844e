import GRPCCore
import Logging
import NIOCore

/// Builds the pipeline of an accepted connection; what wraps the bytes, such as TLS, goes before the session.
struct ServerChannelInitializer: Sendable {
  let configuration: Nghttp2ServerConfiguration
  let registry: ServerConnectionRegistry
  let logger: Logger
  let streamHandler: StreamHandler

  /// Fails, which closes the channel, when there are too many connections.
  func initialize(_ channel: any Channel) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      let connection = try ServerConnection(
        configuration: self.configuration, registry: self.registry, eventLoop: channel.eventLoop, logger: self.logger,
        streamHandler: self.streamHandler)
      guard self.registry.add(connection) else {
        throw RPCError(code: .resourceExhausted, message: "Too many connections.")
      }
      do {
        try connection.handler.join(channel, delegate: connection)
      } catch {
        self.registry.remove(connection)
        throw error
      }
    }
  }
}
