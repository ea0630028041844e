import Glibc
import NIOCore
import NIOPosix

/// A TCP connection that sends what it is told, HTTP or not.
enum RawConnection {
  private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  /// Sends texts, each but the first once something has come in answer to the last, and returns everything that comes
  /// until the server closes.
  /// - Parameters:
  ///   - halfClosing: Whether the client ends its side once it has sent all.
  ///   - isSlow: Whether the client reads a little at a time.
  ///   - sent: Called when the first text has been sent, before anything is read.
  static func exchange(
    _ texts: [String], port: Int, halfClosing: Bool = false, isSlow: Bool = false,
    sent: @Sendable () async throws -> Void = {}
  ) async throws -> String {
    try await connect(port: port, isSlow: isSlow).executeThenClose { inbound, outbound in
      var rest = texts[...]
      // A server that closes on silence may have closed already.
      if let text = rest.popFirst(), !text.isEmpty { try await outbound.write(ByteBuffer(string: text)) }
      if halfClosing { outbound.finish() }
      try await sent()
      var bytes = ByteBuffer()
      for try await chunk in inbound {
        bytes.writeImmutableBuffer(chunk)
        if let text = rest.popFirst() { try await outbound.write(ByteBuffer(string: text)) }
      }
      return String(buffer: bytes)
    }
  }

  /// Sends a text and returns everything that comes until the server closes.
  static func exchange(_ text: String, port: Int) async throws -> String {
    try await exchange([text], port: port)
  }

  /// Sends a text, and resets the connection when `sent` returns.
  static func reset(_ text: String, port: Int, sent: @Sendable () async throws -> Void) async throws {
    let connection = try await connect(port: port, isSlow: false)
    try await connection.executeThenClose { _, outbound in
      try await outbound.write(ByteBuffer(string: text))
      try await sent()
      // A socket that lingers for no time is closed by a reset.
      let options = connection.channel as? any SocketOptionProvider
      try await options?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    }
  }

  private static func connect(port: Int, isSlow: Bool) async throws -> Connection {
    var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    if isSlow {
      bootstrap =
        bootstrap
        .channelOption(ChannelOptions.socketOption(.so_rcvbuf), value: 256 << 10)
        .channelOption(ChannelOptions.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 2_048))
        .channelOption(ChannelOptions.maxMessagesPerRead, value: 1)
    }
    return try await bootstrap.connect(host: "localhost", port: port) { channel in
      channel.eventLoop.makeCompletedFuture {
        try Connection(
          wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
      }
    }
  }
}
