public import GRPCCore
import NIOCore

/// Unary calls for callers that are no task, such as an event loop: without GRPCCore, its interceptors and its tasks.
extension Nghttp2ClientTransport {
  /// Takes a call's response message, or why there is none.
  public typealias UnaryCompletion = @Sendable (Result<[UInt8], RPCError>) -> Void

  /// Makes a unary call, from any thread. It waits for a connection, is moved and retried as every call is.
  ///
  /// - Parameters:
  ///   - method: The method.
  ///   - message: The serialized request.
  ///   - metadata: The request's metadata.
  ///   - timeout: How long the call may take, retries included; a timeout of the service config holds besides.
  ///   - completion: Called once: on the event loop of the call's connection, which must not be held up, or elsewhere
  ///     when the call got none, also before this returns.
  public func unary(
    _ method: MethodDescriptor, _ message: [UInt8], metadata: Metadata = [:], timeout: Duration,
    completion: @escaping UnaryCompletion
  ) {
    let config = self.methodConfigs[method]
    let deadline = NIODeadline(ofCallWith: timeout, config?.timeout)
    let retries = Self.retryPolicy(config, .defaults).map { CallRetries($0, self.retryTokens) }
    if let connection = self.pool.beginCallNow() {
      self.start(method, message, metadata, deadline, retries, on: connection, completion)
      return
    }
    Task {
      var retries = retries
      do {
        let connection = try await self.pool.beginCall(waitForReady: false, deadline: deadline, retries: &retries)
        self.start(method, message, metadata, deadline, retries, on: connection, completion)
      } catch {
        let failure = error as? RPCError
        completion(.failure(failure ?? RPCError(code: .unavailable, message: "There is no connection.", cause: error)))
      }
    }
  }

  private func start(
    _ method: MethodDescriptor, _ message: [UInt8], _ metadata: Metadata, _ deadline: NIODeadline?,
    _ retries: CallRetries?, on connection: ClientConnection, _ completion: @escaping UnaryCompletion
  ) {
    let pool = self.pool
    let unaryResponse = UnaryResponse { stream, response in
      // The server may have answered without the whole request.
      stream.cancel()
      stream.placement.end()
      pool.endCall()
      completion(response)
    }
    let stream = ClientStream(
      descriptor: method, options: .defaults, deadline: deadline, retries: retries, connection: connection, pool: pool,
      configuration: self.configuration, unaryResponse: unaryResponse)
    let writer = ClientStreamWriter(stream: stream, scheme: self.scheme, authority: self.authority)
    do throws(RPCError) {
      try writer.write(metadata, message)
    } catch {
      stream.execute { stream.fail(error) }
    }
  }
}

/// What has come of a unary call's response, and who is told of it.
struct UnaryResponse {
  typealias Completion = @Sendable (_ stream: ClientStream, _ response: Result<[UInt8], RPCError>) -> Void

  private let completion: Completion
  private var message: [UInt8]?

  init(completion: @escaping Completion) {
    self.completion = completion
  }

  /// Takes the message; false when there is one already.
  fileprivate mutating func take(_ message: [UInt8]) -> Bool {
    guard self.message == nil else { return false }
    self.message = message
    return true
  }

  fileprivate func complete(_ stream: ClientStream, with error: RPCError?) {
    let failure = error ?? (self.message == nil ? .noMessage : nil)
    self.completion(stream, failure.map { .failure($0) } ?? .success(self.message ?? []))
  }
}

extension ClientStream {
  /// Reads what has come of a unary call's response, in place of a task; on the event loop.
  func takeUnaryResponse() {
    do {
      while self.unaryResponse != nil, let next = try self.inbound.nextNow(consumed: self.openWindow) {
        switch try self.open(next) {
        case .metadata: break
        case .message(let message):
          // The first that is too many ends the call; those that came with it are dropped.
          if self.unaryResponse?.take(message) == false { self.fail(.severalMessages) }
        case .status(let status, let metadata):
          self.unaryResponse.take()?.complete(self, with: RPCError(status: status, metadata: metadata))
        case nil: self.unaryResponse.take()?.complete(self, with: .noStatus)
        }
      }
    } catch {
      self.unaryResponse.take()?.complete(self, with: error)
    }
  }
}

extension RPCError {
  fileprivate static let noMessage = RPCError(
    code: .internalError, message: "The response to a unary call has no message.")
  fileprivate static let severalMessages = RPCError(
    code: .internalError, message: "The response to a unary call has more than one message.")
  fileprivate static let noStatus = RPCError(code: .internalError, message: "The response ended without a status.")
}
