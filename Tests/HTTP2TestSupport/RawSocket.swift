import GRPCNghttp2Transport
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport

/// A channel whose received bytes are a stream.
struct RawSocket: Sendable {
  let channel: any Channel
  let inbound: AsyncStream<ByteBuffer>

  /// Connects for the time of `body`.
  static func connect<Result: Sendable>(
    to endpoint: SocketEndpoint, tls: NIOSSLContext? = nil, _ body: @Sendable (RawSocket) async throws -> Result
  ) async throws -> Result {
    guard case .host(let host, let port) = endpoint else { throw TimedOut("\(endpoint) is no host and port") }
    let socket = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: host, port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: nil))
          }
          return try RawSocket(channel)
        }
      }
    defer { socket.channel.close(promise: nil) }
    return try await body(socket)
  }

  /// Listens while `body` runs, and handles every connection with `serve`.
  static func listen(
    tls: NIOSSLContext? = nil, receiveBuffer: Int? = nil, serve: @escaping @Sendable (RawSocket) async throws -> Void,
    _ body: (SocketEndpoint) async throws -> Void
  ) async throws {
    var bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    if let receiveBuffer {
      bootstrap = bootstrap.serverChannelOption(.socketOption(.so_rcvbuf), value: receiveBuffer)
    }
    let listener =
      try await bootstrap
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          }
          let socket = try RawSocket(channel)
          Task {
            // Ends with its connection, in whatever way that ends.
            try? await serve(socket)
            socket.channel.close(promise: nil)
          }
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    defer { listener.close(promise: nil) }
    try await body(.host("127.0.0.1", port: listener.localAddress?.port ?? 0))
  }

  /// On the channel's event loop.
  private init(_ channel: any Channel) throws {
    let (stream, continuation) = AsyncStream<ByteBuffer>.makeStream()
    self.channel = channel
    self.inbound = stream
    try channel.pipeline.syncOperations.addHandler(Forwarder(continuation: continuation))
  }

  private final class Forwarder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let continuation: AsyncStream<ByteBuffer>.Continuation

    init(continuation: AsyncStream<ByteBuffer>.Continuation) {
      self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      self.continuation.yield(self.unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) {
      self.continuation.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}
