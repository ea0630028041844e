import Hummingbird
import NIOCore

/// Reads request bodies within bounds of memory and time.
struct BodyReader: Sendable {
  /// A body, or that it is too long to be one.
  enum Body: Sendable {
    case complete([UInt8])
    /// All of it was read and dropped.
    case tooLong
    /// It was dropped up to ``BodyReader/drainLimit``, and there is more: the connection is of no more use.
    case endless
  }

  /// The connection failed while a body was read: there is nobody to answer.
  struct ConnectionError: Error {
    let cause: any Error
  }

  /// How much of an over-long body is read before the answer. Clients that write a whole body before they read see the
  /// answer only so; closing on them would reset the connection instead.
  static let drainLimit = 64 << 20

  /// How long a client may take for a whole body.
  let timeout: Duration

  /// Reads a body of at most `limit` bytes. A longer one is drained.
  /// - Throws: ``ConnectionError``.
  func read(_ request: Request, limit: Int, context: APIContext) async throws -> Body {
    // The HTTP library's idle timeout starts anew with every byte; this does not.
    let deadline = context.channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) { context.abort() }
    defer { deadline.cancel() }
    var body = ByteBuffer()
    var length = 0
    do {
      for try await chunk in request.body {
        length += chunk.readableBytes
        if length > Self.drainLimit { return .endless }
        if length <= limit {
          body.writeImmutableBuffer(chunk)
        } else if body.capacity > 0 {
          body = ByteBuffer()
        }
      }
    } catch {
      throw ConnectionError(cause: error)
    }
    return length > limit ? .tooLong : .complete(Array(buffer: body))
  }
}
