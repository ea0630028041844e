import GRPCCore
import HTTP2Session
import Logging
import NIOCore

/// Builds the pipeline of an accepted connection: what secures it, then the session.
struct ServerChannelInitializer: Sendable {
  let configuration: Nghttp2ServerConfiguration
  let security: TransportSecurity
  let registry: ServerConnectionRegistry
  let budget: MemoryBudget
  let logger: Logger
  let methods: MethodTable
  let streamHandler: StreamHandler

  /// Fails, which closes the channel, when there are too many connections.
  func initialize(_ channel: any Channel) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      let connection = try ServerConnection(
        configuration: self.configuration, registry: self.registry, budget: self.budget, eventLoop: channel.eventLoop,
        logger: self.logger, methods: self.methods, streamHandler: self.streamHandler)
      guard self.registry.add(connection) else {
        throw RPCError(code: .resourceExhausted, message: "Too many connections.")
      }
      do {
        let deadline = NIODeadline.now() + TimeAmount(clamping: self.configuration.tlsHandshakeTimeout)
        try self.security.secure(channel, role: .server, deadline: deadline) { connection.peer.identity = $0 }
        try connection.handler.join(channel, delegate: connection)
        connection.armTimer()
      } catch {
        self.registry.remove(connection)
        throw error
      }
    }
  }
}
