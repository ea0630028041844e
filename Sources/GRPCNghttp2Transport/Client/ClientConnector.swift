import GRPCCore
import HTTP2Session
import NIOCore
import NIOPosix

/// Opens connections, in whose pipeline comes what secures it, then the session.
struct ClientConnector: Sendable {
  let configuration: Nghttp2ClientConfiguration
  let security: TransportSecurity
  let eventLoopGroup: any EventLoopGroup

  /// Connects and waits for the server's SETTINGS, so that whatever else listens there isn't taken for a server.
  ///
  /// `address` is one of those that `endpoint` stands for. `onChange` is told of the end of a connection that failed to
  /// become ready, too.
  func connect(
    to address: SocketAddress, of endpoint: SocketEndpoint, keepalive: ClientKeepalive?,
    onChange: @escaping @Sendable (ClientConnection, ClientConnection.Change) -> Void
  ) async throws -> ClientConnection {
    let timeout = TimeAmount(clamping: self.configuration.connectTimeout)
    let deadline = NIODeadline.now() + timeout
    var bootstrap = ClientBootstrap(group: self.eventLoopGroup).connectTimeout(timeout)
    let initializer: @Sendable (any Channel) -> EventLoopFuture<ClientConnection> = { channel in
      channel.eventLoop.makeCompletedFuture {
        let connection = try ClientConnection(
          configuration: self.configuration, keepalive: keepalive, deadline: deadline, eventLoop: channel.eventLoop,
          onChange: onChange)
        do {
          // Whom the certificate names is checked there, and nobody asks later.
          try self.security.secure(channel, role: .client, deadline: deadline) { _ in }
          try connection.handler.join(channel, delegate: connection)
        } catch {
          connection.connectionEnded(error)
          connection.connectionClosed()
          throw error
        }
        return connection
      }
    }
    if case .host = endpoint {
      bootstrap =
        bootstrap
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelOption(.tcpOption(.tcpUserTimeout), value: keepalive.tcpUserTimeout)
    }
    let connection = try await bootstrap.connect(to: address, channelInitializer: initializer)
    do {
      try await connection.whenReady.get()
    } catch let error as RPCError where error.cause == nil && self.security.isPlaintext {
      throw RPCError(
        code: .unavailable, message: "the connection was closed before HTTP/2 began, as by a server that wants TLS")
    }
    return connection
  }
}
