import NIOCore
import NIOPosix

/// A TCP connection that sends what it is told, HTTP or not.
enum RawConnection {
  /// Sends a text and returns everything that comes until the server closes.
  static func exchange(_ text: String, port: Int) async throws -> String {
    let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "localhost", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await connection.executeThenClose { inbound, outbound in
      // A server that closes on silence may have closed already.
      if !text.isEmpty { try await outbound.write(ByteBuffer(string: text)) }
      var answer = ""
      for try await chunk in inbound { answer += String(buffer: chunk) }
      return answer
    }
  }
}
