import GRPCCore
import NIOCore
import NIOPosix

/// Opens connections; what wraps the bytes, such as TLS, goes before the session in the pipeline that it builds.
struct ClientConnector: Sendable {
  let configuration: Nghttp2ClientConfiguration
  let eventLoopGroup: any EventLoopGroup

  /// Connects and waits for the server's SETTINGS, so that whatever else listens there isn't taken for a server.
  ///
  /// `onChange` is told of the end of a connection that failed to become ready, too.
  func connect(
    to endpoint: SocketEndpoint, onChange: @escaping @Sendable (ClientConnection, ClientConnection.Change) -> Void
  ) async throws -> ClientConnection {
    let timeout = TimeAmount(clamping: self.configuration.connectTimeout)
    let deadline = NIODeadline.now() + timeout
    let bootstrap = ClientBootstrap(group: self.eventLoopGroup).connectTimeout(timeout)
    let initializer: @Sendable (any Channel) -> EventLoopFuture<ClientConnection> = { channel in
      channel.eventLoop.makeCompletedFuture {
        let connection = try ClientConnection(
          configuration: self.configuration, deadline: deadline, eventLoop: channel.eventLoop, onChange: onChange)
        do {
          try connection.handler.join(channel, delegate: connection)
        } catch {
          connection.connectionClosed(error)
          throw error
        }
        return connection
      }
    }
    let connection: ClientConnection
    switch endpoint {
    case .host(let host, let port):
      connection =
        try await bootstrap
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .connect(host: host, port: port, channelInitializer: initializer)
    case .unixSocket(let path):
      connection = try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: initializer)
    }
    try await connection.whenReady.get()
    return connection
  }
}
