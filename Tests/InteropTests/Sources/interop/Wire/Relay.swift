import NIOCore
import NIOPosix

/// A listener that passes every connection on to a server, and reads along.
///
/// It sees what no gRPC library tells its callers: whether a message really was compressed.
struct Relay: Sendable {
  let recorder: WireRecorder
  let port: Int
  private let channel: any Channel

  /// Listens on a free port.
  static func start(to serverPort: Int) async throws -> Relay {
    let recorder = WireRecorder()
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { client in
        let connection = recorder.addConnection()
        return ClientBootstrap(group: client.eventLoop)
          .channelOption(.autoRead, value: false)
          .channelInitializer { server in
            server.eventLoop.makeCompletedFuture {
              try server.pipeline.syncOperations.addHandler(
                RelayHandler(to: client, .responses, connection: connection, recorder: recorder))
            }
          }
          .connect(host: "127.0.0.1", port: serverPort)
          .flatMapThrowing { server in
            try client.pipeline.syncOperations.addHandler(
              RelayHandler(to: server, .requests, connection: connection, recorder: recorder))
          }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    guard let port = channel.localAddress?.port else {
      throw CaseFailure("the relay is not on a port")
    }
    return Relay(recorder: recorder, port: port, channel: channel)
  }

  /// Stops listening.
  func stop() async throws {
    try await self.channel.close()
  }
}
