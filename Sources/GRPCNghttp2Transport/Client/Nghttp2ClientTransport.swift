public import GRPCCore
public import Logging
public import NIOCore
public import NIOPosix

/// A gRPC client on HTTP/2: plaintext with prior knowledge or mutual TLS, over TCP or a Unix domain socket.
///
/// It holds one connection for each address of its endpoints, opened when a call first needs it and reopened after it
/// was lost, and gives each call the one with the least load; a name stands for all its addresses, IPv4 and IPv6, and
/// is looked up again when one of them fails. Calls beyond the servers' concurrency limits wait for the first
/// connection that has room: another one to the same server would only evade a limit that the server has set. Calls may
/// be made before ``connect()`` runs.
///
/// Deadlines are kept here: ``CallDeadline`` is the way to set one without GRPCCore's timer for each call. The server
/// is told what is left when the request leaves, and of the end by RST_STREAM(CANCEL).
///
/// A call that its server never processed goes to another connection (gRFC A6, transparent retries), or back to its own
/// when that is the only one: one of which nothing was sent as often as needed, one that the server refused or left out
/// of its GOAWAY once, if its request is still held. Calls that may have been processed are retried as the service
/// config says, also by the transport. Hedging policies, and policies in a call's own options, which replace the
/// service config's, are left to GRPCCore; a policy in the options wants a timeout or ``CallDeadline`` beside it, as
/// the service config's timeout is for each of its attempts then.
public final class Nghttp2ClientTransport: ClientTransport {
  public typealias Bytes = [UInt8]

  /// For the policies of calls' own options, which GRPCCore carries out; those of the service config have tokens of
  /// their own.
  public let retryThrottle: RetryThrottle?

  let pool: ConnectionPool
  let configuration: Nghttp2ClientConfiguration
  let methodConfigs: MethodConfigTable
  let retryTokens: CallRetries.Throttle?
  let scheme: String
  let authority: String

  /// Creates a transport without connecting; throws INVALID_ARGUMENT without endpoints, or for one that can't be used.
  ///
  /// `logger` is told why an address can't be connected to, once for each attempt, of which the back-off decides.
  public convenience init(
    endpoints: [SocketEndpoint],
    security: TransportSecurity = .plaintext,
    configuration: Nghttp2ClientConfiguration = .defaults,
    logger: Logger? = nil,
    eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) throws {
    try self.init(
      endpoints: endpoints, security: security, configuration: configuration, logger: logger,
      eventLoopGroup: eventLoopGroup, resolver: SystemNameResolver())
  }

  /// Creates a transport whose endpoints' names `resolver` looks up.
  package init(
    endpoints: [SocketEndpoint], security: TransportSecurity, configuration: Nghttp2ClientConfiguration,
    logger: Logger? = nil, eventLoopGroup: any EventLoopGroup, resolver: any NameResolver
  ) throws {
    guard let first = endpoints.first else {
      throw RPCError(code: .invalidArgument, message: "A client needs at least one endpoint.")
    }
    let configuration = configuration.clamped
    self.scheme = security.scheme
    self.authority = first.authority
    self.configuration = configuration
    self.methodConfigs = MethodConfigTable(configuration.serviceConfig)
    self.retryThrottle = configuration.serviceConfig.retryThrottling.map { RetryThrottle(policy: $0) }
    self.retryTokens = configuration.serviceConfig.retryThrottling.map { CallRetries.Throttle($0) }
    self.pool = ConnectionPool(
      targets: try endpoints.map { try ConnectionTarget($0) },
      connector: ClientConnector(
        configuration: configuration, security: security, eventLoopGroup: eventLoopGroup),
      resolver: resolver,
      configuration: configuration,
      logger: logger)
  }

  deinit {
    self.pool.abort()
  }

  /// Returns once ``beginGracefulShutdown()`` was called and the last call and connection have ended.
  ///
  /// Cancelling its task closes the connections at once.
  public func connect() async throws {
    await withTaskCancellationHandler {
      await self.pool.waitUntilDrained()
    } onCancel: {
      self.pool.abort()
    }
  }

  public func beginGracefulShutdown() {
    self.pool.beginGracefulShutdown()
  }

  /// Runs `closure` with a stream of a ready connection, then resets the stream unless it is over.
  ///
  /// The peers of the context are that connection's, even if the call is moved. Without a connection, reading the
  /// stream fails: with UNAVAILABLE when no address can be reached, with DEADLINE_EXCEEDED when none was within the
  /// timeout, and with FAILED_PRECONDITION when the client is closing. Throws CANCELLED when the task is cancelled
  /// before.
  public func withStream<T: Sendable>(
    descriptor: MethodDescriptor, options: CallOptions,
    _ closure: (RPCStream<Inbound, Outbound>, ClientContext) async throws -> T
  ) async throws -> T {
    let config = self.methodConfigs[descriptor]
    let deadline = NIODeadline(ofCallWith: options.timeout, config?.timeout)
    var retries = Self.retryPolicy(config, options).map { CallRetries($0, self.retryTokens) }
    let connection: ClientConnection
    do {
      connection = try await self.pool.beginCall(
        waitForReady: options.waitForReady ?? false, deadline: deadline, retries: &retries)
    } catch let error as RPCError where error.code != .cancelled {
      let context = ClientContext(descriptor: descriptor, remotePeer: "unknown", localPeer: "unknown")
      return try await closure(RPCStream(unconnected: descriptor, error), context)
    }
    defer { self.pool.endCall() }
    let stream = ClientStream(
      descriptor: descriptor, options: options, deadline: deadline, retries: retries, connection: connection,
      pool: self.pool, configuration: self.configuration)
    defer {
      stream.cancel()
      stream.placement.end()
    }
    let rpc = RPCStream(
      descriptor: descriptor,
      inbound: RPCAsyncSequence(wrapping: ResponseParts(stream: stream)),
      outbound: RPCWriter.Closable(
        wrapping: ClientStreamWriter(
          stream: stream, scheme: self.scheme, authority: self.authority)))
    let peers = connection.peers
    let context = ClientContext(descriptor: descriptor, remotePeer: peers.remote, localPeer: peers.local)
    return try await closure(rpc, context)
  }

  /// The policy that the transport carries out: none beside one that GRPCCore does, which would multiply the attempts.
  static func retryPolicy(_ config: MethodConfig?, _ options: CallOptions) -> RetryPolicy? {
    options.executionPolicy == nil ? config?.executionPolicy?.retry : nil
  }

  /// How many calls were woken so far that waited for a connection.
  package var wakeUps: Int { self.pool.wakeUps }

  /// The calls that wait for a connection.
  package var waitingCalls: Int { self.pool.waitingCalls }

  /// The service config's entry for a method, without its timeout and its retry policy, which the transport carries
  /// out.
  public func config(forMethod descriptor: MethodDescriptor) -> MethodConfig? {
    self.methodConfigs[descriptor]?.withoutTimeoutAndRetries
  }
}
