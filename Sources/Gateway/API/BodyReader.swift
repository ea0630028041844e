import Hummingbird
import Logging
import NIOCore
import NIOHTTPTypes
import ServiceKit

/// Reads request bodies within bounds of memory and time.
package struct BodyReader: Sendable {
  /// A body, or that it is too long to be one.
  enum Body: Sendable {
    case complete([UInt8])
    /// All of it was read and dropped.
    case tooLong
    /// It was dropped up to ``BodyReader/drainLimit`` and there is more, or its client was not told to send it: the
    /// connection is of no more use.
    case endless

    /// The bytes. Nil: it was too long.
    var bytes: [UInt8]? {
      if case .complete(let bytes) = self { bytes } else { nil }
    }

    var isEndless: Bool {
      if case .endless = self { true } else { false }
    }
  }

  /// The connection failed while a body was read: there is nobody to answer.
  struct ConnectionError: Error {
    let cause: any Error
  }

  /// How fast a client has to send a body.
  package struct Pace: Sendable {
    /// The longest that the whole body may take.
    package var timeout = Duration.seconds(120)
    /// How long it may be slower than ``leastRate``.
    package var grace = Duration.seconds(20)
    /// The fewest bytes a second, over all of the body so far: who sends fewer would hold memory that others wait for.
    package var leastRate = 1_024

    /// Creates the pace that the gateway asks for unless it is told otherwise.
    package init() {}

    /// Whether a client is too slow that has sent `length` bytes of the `announced` in `time`: slower than the least
    /// rate, or than the whole body takes that long.
    package func isMissed(by length: Int, of announced: Int, in time: Duration) -> Bool {
      time > grace && (time * leastRate > .seconds(length) || time * announced > timeout * length)
    }
  }

  /// A body took longer than it may.
  private enum TimeoutError: Error, CustomStringConvertible {
    case whole(Pace)
    case slow(Pace)

    var description: String {
      switch self {
      case .whole(let pace): "The body took longer than \(pace.timeout)."
      case .slow(let pace):
        "The body came slower than \(pace.leastRate) bytes a second, or than it would be there within \(pace.timeout)."
      }
    }
  }

  /// The longest body, in bytes, that is kept and parsed without being admitted.
  static let shortLength = 64 << 10
  /// The most of an over-long body that is read before the answer. Clients that write a whole body before they read see
  /// the answer only so; closing on them would reset the connection instead.
  static let drainLimit = 64 << 20

  let pace: Pace

  /// Reads a body of at most `limit` bytes. A longer one is drained, or not asked for when its client waits to be told
  /// to send it (RFC 9110, section 10.1.1).
  /// - Parameter admit: Called once before more than ``shortLength`` is kept, with how long it may become. What it
  ///   throws is thrown when the body is drained.
  /// - Throws: ``ConnectionError``, or what `admit` throws.
  func read(
    _ request: Request, limit: Int, context: APIContext,
    admittingLong admit: (Int) async throws(APIError) -> Void = { _ in }
  ) async throws -> Body {
    let contentLength = request.headers[.contentLength].flatMap { Int($0) }
    let announced = contentLength ?? limit
    var bytes: [UInt8]? = announced > limit ? nil : []
    if request.headers.expectsContinue {
      if bytes == nil { return .endless }
      try await Self.tellToContinue(context)
    }
    // The HTTP library's idle timeout starts anew with every byte; this does not.
    let start = ContinuousClock.now
    let deadline = context.channel.eventLoop.scheduleTask(in: TimeAmount(pace.timeout)) { context.abort() }
    defer { deadline.cancel() }
    var refusal: APIError?
    var isAdmitted = false
    var length = 0
    // What the client can do nothing about.
    var waited = Duration.zero
    do {
      for try await chunk in request.body {
        length += chunk.readableBytes
        if pace.isMissed(by: length, of: contentLength ?? 0, in: .now - start - waited) {
          context.abort()
          throw TimeoutError.slow(pace)
        }
        if length > Self.drainLimit { return .endless }
        if length > limit { bytes = nil }
        if length > Self.shortLength, bytes != nil, !isAdmitted {
          let received = ContinuousClock.now
          defer { waited += .now - received }
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
      let isItsOwn = error is TimeoutError || .now - start < pace.timeout
      throw ConnectionError(cause: isItsOwn ? error : TimeoutError.whole(pace))
    }
    if let refusal { throw refusal }
    return bytes.map(Body.complete) ?? .tooLong
  }

  private static func tellToContinue(_ context: APIContext) async throws {
    do {
      try await context.channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue))).get()
    } catch {
      throw ConnectionError(cause: error)
    }
  }
}

extension FaultLog {
  /// Notes a request that has no answer, since its connection failed before there was one.
  /// - Parameter path: The path as it may be logged.
  func noteLost(_ path: String, _ error: BodyReader.ConnectionError) {
    note(
      "A request was not answered", kind: "lost " + path, error.cause, level: .info, metadata: ["path": "\(path)"])
  }
}

extension HTTPFields {
  /// Whether the client waits to be told to send its body. `Expect` is a list, in one field or several; what else it
  /// names is ignored, as RFC 9110, section 10.1.1, allows.
  var expectsContinue: Bool {
    (self[.expect] ?? "").split(separator: ",").contains { expectation in
      expectation.lowercased().filter { $0 != " " && $0 != "\t" } == "100-continue"
    }
  }
}

extension Response {
  /// The same response, and soon after it the end of the connection, on which more of the request's body is coming than
  /// anybody reads.
  func closingConnection(of context: APIContext) -> Response {
    var response = self
    guard context.isHTTP2 else {
      response.headers[.connection] = "close"
      return response
    }
    // HTTP/2 has no such header; there, the stream is reset, once the client has had the time to read the response.
    let body = body
    response.body = ResponseBody(contentLength: body.contentLength) { writer in
      try await body.write(writer)
      context.channel.eventLoop.scheduleTask(in: .seconds(1)) { context.abort() }
    }
    return response
  }
}
