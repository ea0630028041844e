public import GRPCCore
import NIOCore

/// Unary calls for callers outside a task, such as an event loop: without GRPCCore, its interceptors and its tasks.
extension Nghttp2ClientTransport {
  /// Takes a call's response message, or why there is none.
  public typealias UnaryCompletion = @Sendable (Result<[UInt8], RPCError>) -> Void

  /// Makes a unary call, from any thread. It waits for a connection, is moved and retried as every call is; hedging,
  /// which is GRPCCore's, there is none.
  ///
  /// - Parameters:
  ///   - method: The method.
  ///   - message: The serialized request.
  ///   - metadata: The request's metadata.
  ///   - timeout: How long the call may take, retries included. A timeout of the service config holds besides, and so
  ///     does ``CallDeadline/current`` where the caller is a task.
  ///   - completion: Called once, on the event loop of the call's connection, which must not be held up. For a call
  ///     that got no connection it is called on another thread.
  public func unary(
    _ method: MethodDescriptor, _ message: [UInt8], metadata: Metadata = [:], timeout: Duration,
    completion: @escaping UnaryCompletion
  ) {
    let config = self.methodConfigs[method]
    let deadline = NIODeadline(ofCallWith: timeout, config?.timeout)
    var options = CallOptions.defaults
    options.waitForReady = config?.waitForReady
    options.maxRequestMessageBytes = config?.maxRequestMessageBytes
    options.maxResponseMessageBytes = config?.maxResponseMessageBytes
    let start = { [options] (connection: ClientConnection, retries: CallRetries?) in
      self.start(method, message, metadata, options, deadline, retries, on: connection, completion)
    }
    let retries = Self.retryPolicy(config, options).map { CallRetries($0, self.retryTokens) }
    if let connection = self.pool.beginCallNow() {
      start(connection, retries)
      return
    }
    Task {
      var retries = retries
      do {
        let connection = try await self.pool.beginCall(
          waitForReady: options.waitForReady ?? false, deadline: deadline, retries: &retries)
        start(connection, retries)
      } catch {
        let failure = error as? RPCError
        completion(.failure(failure ?? RPCError(code: .unavailable, message: "There is no connection.", cause: error)))
      }
    }
  }

  private func start(
    _ method: MethodDescriptor, _ message: [UInt8], _ metadata: Metadata, _ options: CallOptions,
    _ deadline: NIODeadline?, _ retries: CallRetries?, on connection: ClientConnection,
    _ completion: @escaping UnaryCompletion
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
      descriptor: method, options: options, deadline: deadline, retries: retries, connection: connection, pool: pool,
      configuration: self.configuration, unaryResponse: unaryResponse)
    let writer = ClientStreamWriter(stream: stream, scheme: self.scheme, authority: self.authority)
    do throws(RPCError) {
      try writer.write(metadata, message)
    } catch {
      stream.execute { stream.fail(error) }
    }
  }
}
