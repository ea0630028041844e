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

  /// How much of a body, in bytes, is kept and parsed without further ado.
  static let shortLength = 64 << 10
  /// How much of an over-long body is read before the answer. Clients that write a whole body before they read see the
  /// answer only so; closing on them would reset the connection instead.
  static let drainLimit = 64 << 20

  /// How long a client may take for a whole body.
  let timeout: Duration

  /// Reads a body of at most `limit` bytes. A longer one is drained.
  /// - Parameter admit: Called once before more than ``shortLength`` is kept, with how much it may become. What it throws
  ///   is thrown when the body is drained.
  /// - Throws: ``ConnectionError``, or what `admit` throws.
  func read(
    _ request: Request, limit: Int, context: APIContext,
    admittingLong admit: (Int) async throws(APIError) -> Void = { _ in }
  ) async throws -> Body {
    // The HTTP library's idle timeout starts anew with every byte; this does not.
    let deadline = context.channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) { context.abort() }
    defer { deadline.cancel() }
    let announced = request.headers[.contentLength].flatMap { Int($0) } ?? limit
    var bytes: [UInt8]? = announced > limit ? nil : []
    var refusal: APIError?
    var isAdmitted = false
    var length = 0
    do {
      for try await chunk in request.body {
        length += chunk.readableBytes
        if length > Self.drainLimit { return .endless }
        if length > limit { bytes = nil }
        if length > Self.shortLength, bytes != nil, !isAdmitted {
          do throws(APIError) {
            try await admit(announced)
            isAdmitted = true
            bytes?.reserveCapacity(announced)
          } catch {
            (refusal, bytes) = (error, nil)
          }
        }
        bytes?.append(contentsOf: chunk.readableBytesView)
      }
    } catch {
      throw ConnectionError(cause: error)
    }
    if let refusal { throw refusal }
    return bytes.map(Body.complete) ?? .tooLong
  }
}
