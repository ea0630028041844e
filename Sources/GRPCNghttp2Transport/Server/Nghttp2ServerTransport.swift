public import GRPCCore
import HTTP2Session
public import Logging
public import NIOCore
public import NIOPosix
import Synchronization

/// A gRPC server on HTTP/2: plaintext with prior knowledge or mutual TLS, over TCP or a Unix domain socket.
///
/// It serves from ``listen(streamHandler:)`` until ``beginGracefulShutdown()`` or the cancellation of that task.
/// Deadlines are enforced here: a call whose `grpc-timeout` passes is answered DEADLINE_EXCEEDED, and its handler is
/// cancelled through both GRPCCore's handle and its task, as it is when the client resets the call or goes away. A
/// graceful shutdown cancels the handle alone.
public final class Nghttp2ServerTransport: ServerTransport {
  public typealias Bytes = [UInt8]
  public typealias Inbound = RPCAsyncSequence<RPCRequestPart<Bytes>, any Error>
  public typealias Outbound = RPCWriter<RPCResponsePart<Bytes>>.Closable

  private enum Phase {
    case notStarted
    case starting
    case listening(any Channel)
    case stopped
  }

  private struct State {
    var phase = Phase.notStarted
    var methods: [MethodDescriptor] = []
  }

  private let endpoint: SocketEndpoint
  private let security: TransportSecurity
  private let configuration: Nghttp2ServerConfiguration
  private let eventLoopGroup: any EventLoopGroup
  private let logger: Logger
  private let fastPaths: [FastPath]
  private let registry: ServerConnectionRegistry
  private let budget: MemoryBudget
  private let state = Mutex(State())
  private let bound = BoundEndpoint()

  /// Creates a transport that isn't bound yet. At a Unix path it replaces the socket file of a server that is gone,
  /// never that of a live one, and removes its own when it stops; while it listens, it holds a lock on an empty file
  /// beside it, whose name ends in `.lock`. Each of `fastPaths` is asked for its method's calls before their handlers
  /// are.
  public init(
    listeningOn endpoint: SocketEndpoint,
    security: TransportSecurity = .plaintext,
    configuration: Nghttp2ServerConfiguration = .defaults,
    fastPaths: [FastPath] = [],
    eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    logger: Logger
  ) {
    let configuration = configuration.clamped
    self.endpoint = endpoint
    self.security = security
    self.configuration = configuration
    self.eventLoopGroup = eventLoopGroup
    self.logger = logger
    self.fastPaths = fastPaths
    self.registry = ServerConnectionRegistry(maxConnections: configuration.maxConnections)
    self.budget = MemoryBudget(
      limit: configuration.maxHeldBytes, maxConnections: configuration.maxConnections)
  }

  /// What the requests hold in memory, in bytes: of the connections that are open, and of all as far as they have told.
  package var heldBytes: (connections: Int, server: Int) { (self.registry.heldBytes, self.budget.heldBytes) }

  /// Where the server listens, with the port that was picked for port 0; waits for it to be bound.
  ///
  /// Throws UNAVAILABLE when it could not be bound, FAILED_PRECONDITION when it was stopped before, and CANCELLED when
  /// the task is cancelled while it waits.
  public var boundEndpoint: SocketEndpoint {
    get async throws { try await self.bound.wait() }
  }

  /// Notes the methods that are served, which are found faster than others; GRPCServer calls it.
  public func configure(context: GRPCServerContext) {
    self.state.withLock { $0.methods = context.methods }
  }

  /// Binds, serves, and returns once stopped with every connection closed and every handler ended.
  ///
  /// Throws UNAVAILABLE when the address can't be bound, FAILED_PRECONDITION when called twice.
  public func listen(
    streamHandler: @escaping @Sendable (RPCStream<Inbound, Outbound>, ServerContext) async -> Void
  ) async throws {
    guard try self.start() else { return }
    let socket: ListeningSocket
    do {
      socket = try await self.bind(streamHandler)
    } catch {
      let failure = RPCError(
        code: .unavailable, message: "Can't listen on \(self.endpoint): \(error).", cause: error)
      self.finishStarting(.failure(failure), phase: .stopped)
      throw failure
    }
    let channel = socket.channel
    await withTaskCancellationHandler {
      if self.opened(channel) {
        channel.close(promise: nil)
      }
      await socket.waitUntilClosed()
      self.registry.beginGracefulShutdown()
      await self.registry.waitUntilDrained()
    } onCancel: {
      channel.close(promise: nil)
      self.registry.abort()
    }
  }

  /// Stops accepting connections and calls; the open calls may finish within the grace period.
  ///
  /// Each call's cancellation handle is cancelled at once, also that of a call which a client begins before it hears of
  /// the shutdown: a handler that would go on for ever should end now, best with UNAVAILABLE. The handler's task isn't
  /// cancelled unless its call is given up later: a handler that has something to finish needn't do anything.
  public func beginGracefulShutdown() {
    let channel: (any Channel)? = self.state.withLock { state in
      let phase = state.phase
      state.phase = .stopped
      if case .listening(let channel) = phase { return channel } else { return nil }
    }
    self.registry.beginGracefulShutdown()
    channel?.close(promise: nil)
    if channel == nil {
      self.bound.publish(.failure(RPCError(code: .failedPrecondition, message: "The server was stopped.")))
    }
  }

  /// False when the server was stopped before it started.
  private func start() throws -> Bool {
    try self.state.withLock { state in
      switch state.phase {
      case .notStarted:
        state.phase = .starting
        return true
      case .stopped:
        return false
      case .starting, .listening:
        throw RPCError(code: .failedPrecondition, message: "The server is listening already.")
      }
    }
  }

  /// Returns whether the server was stopped while it bound.
  private func opened(_ channel: any Channel) -> Bool {
    let isStopped = self.state.withLock { state in
      if case .stopped = state.phase { return true }
      state.phase = .listening(channel)
      return false
    }
    if !isStopped, let endpoint = SocketEndpoint(channel.localAddress) {
      self.bound.publish(.success(endpoint))
    }
    return isStopped
  }

  private func finishStarting(_ result: Result<SocketEndpoint, RPCError>, phase: Phase) {
    self.state.withLock { $0.phase = phase }
    self.bound.publish(result)
  }

  private func bind(_ streamHandler: @escaping StreamHandler) async throws -> ListeningSocket {
    let initializer = ServerChannelInitializer(
      configuration: self.configuration, security: self.security, registry: self.registry, budget: self.budget,
      logger: self.logger,
      methods: MethodTable(methods: self.state.withLock { $0.methods }, fastPaths: self.fastPaths),
      streamHandler: streamHandler)
    let bootstrap = ServerBootstrap(group: self.eventLoopGroup)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { initializer.initialize($0) }
      // A connection keeps its last buffer while it idles; one that gets much grows it within a few reads.
      .childChannelOption(
        .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 512, maximum: 65_536))
    return try await ListeningSocket(
      at: self.endpoint, bootstrap, tcpUserTimeout: self.configuration.tcpUserTimeout, on: self.eventLoopGroup)
  }
}
