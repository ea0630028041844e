package import GRPCNghttp2Transport
package import NIOCore
import NIOPosix

/// Asks for the health of the process over HTTP/1.1 (`GET /healthz`).
package struct HTTPHealthProbe: HealthProbe {
  /// Makes what lies between the socket and HTTP, such as TLS.
  package typealias Security = @Sendable () throws -> any ChannelHandler

  private let endpoint: SocketEndpoint
  private let timeout: Duration
  private let security: Security?

  /// Names the process by where it takes requests.
  /// - Parameter security: Nil: plain HTTP.
  package init(endpoint: SocketEndpoint, timeout: Duration, security: Security? = nil) {
    self.endpoint = endpoint
    self.timeout = timeout
    self.security = security
  }

  package func check() async throws {
    guard try await withTimeLimit(timeout, { try await ask() }) else { throw NotServingError() }
  }

  /// One request of one line is no reason for an HTTP client.
  private func ask() async throws -> Bool {
    try await connect().executeThenClose { inbound, outbound in
      let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
      try await outbound.write(ByteBuffer(string: request))
      let wanted = ByteBuffer(string: "HTTP/1.1 200")
      var answer = ByteBuffer()
      for try await part in inbound {
        answer.writeImmutableBuffer(part)
        if answer.readableBytes >= wanted.readableBytes { break }
      }
      return answer.readSlice(length: wanted.readableBytes) == wanted
    }
  }

  private func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
    let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connectTimeout(TimeAmount(timeout))
    let initializer: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> = { channel in
      channel.eventLoop.makeCompletedFuture {
        if let security { try channel.pipeline.syncOperations.addHandler(security()) }
        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
      }
    }
    switch endpoint {
    case .host(let host, let port):
      return try await bootstrap.connect(host: host, port: port, channelInitializer: initializer)
    case .unixSocket(let path):
      return try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: initializer)
    }
  }
}
