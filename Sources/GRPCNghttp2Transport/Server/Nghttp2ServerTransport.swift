public import GRPCCore
import Glibc
import HTTP2Session
public import Logging
public import NIOCore
public import NIOPosix
import Synchronization

/// A gRPC server on HTTP/2: plaintext with prior knowledge or mutual TLS, over TCP or a Unix domain socket.
///
/// It serves from ``listen(streamHandler:)`` until ``beginGracefulShutdown()`` or the cancellation of that task.
/// Deadlines are enforced here: a call whose `grpc-timeout` passes is answered DEADLINE_EXCEEDED, and its handler is
/// cancelled through both GRPCCore's handle and its task, as it is when the client resets the call or goes away.
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
    var bound: Result<SocketEndpoint, RPCError>?
    var waiters: [CheckedContinuation<SocketEndpoint, any Error>] = []
    var methods: [MethodDescriptor] = []
  }

  private let endpoint: SocketEndpoint
  private let security: TransportSecurity
  private let configuration: Nghttp2ServerConfiguration
  private let eventLoopGroup: any EventLoopGroup
  private let logger: Logger
  private let fastPaths: [FastPath]
  private let registry: ServerConnectionRegistry
  private let state = Mutex(State())

  /// Creates a transport that isn't bound yet. At a Unix path it replaces the socket file of a server that is gone, never
  /// that of a live one, and removes its own when it stops. Each of `fastPaths` is asked for its method's calls before
  /// their handlers are.
  public init(
    listeningOn endpoint: SocketEndpoint,
    security: TransportSecurity = .plaintext,
    configuration: Nghttp2ServerConfiguration = .defaults,
    fastPaths: [FastPath] = [],
    eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    logger: Logger
  ) {
    self.endpoint = endpoint
    self.security = security
    self.configuration = configuration
    self.eventLoopGroup = eventLoopGroup
    self.logger = logger
    self.fastPaths = fastPaths
    self.registry = ServerConnectionRegistry(maxConnections: configuration.maxConnections)
  }

  /// Where the server listens, with the port that was picked for port 0; waits for it to be bound.
  ///
  /// Throws UNAVAILABLE when it could not be bound, and FAILED_PRECONDITION when it was stopped before.
  public var boundEndpoint: SocketEndpoint {
    get async throws {
      try await withCheckedThrowingContinuation { continuation in
        let bound = self.state.withLock { state in
          if state.bound == nil {
            state.waiters.append(continuation)
          }
          return state.bound
        }
        if let bound {
          continuation.resume(with: bound)
        }
      }
    }
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
    let channel: any Channel
    do {
      channel = try await self.bind(streamHandler)
    } catch {
      let failure = RPCError(
        code: .unavailable, message: "Can't listen on \(self.endpoint): \(error).", cause: error)
      self.finishStarting(.failure(failure), phase: .stopped)
      throw failure
    }
    await withTaskCancellationHandler {
      if self.opened(channel) {
        channel.close(promise: nil)
      }
      // A listening socket fails to close only when it is closed already.
      try? await channel.closeFuture.get()
      self.registry.beginGracefulShutdown()
      await self.registry.waitUntilDrained()
    } onCancel: {
      channel.close(promise: nil)
      self.registry.abort()
    }
  }

  /// Stops accepting connections and calls; the open calls may finish within the grace period.
  public func beginGracefulShutdown() {
    let channel: (any Channel)? = self.state.withLock { state in
      let phase = state.phase
      state.phase = .stopped
      if case .listening(let channel) = phase { return channel } else { return nil }
    }
    self.registry.beginGracefulShutdown()
    channel?.close(promise: nil)
    if channel == nil {
      self.publish(.failure(RPCError(code: .failedPrecondition, message: "The server was stopped.")))
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
      self.publish(.success(endpoint))
    }
    return isStopped
  }

  private func finishStarting(_ result: Result<SocketEndpoint, RPCError>, phase: Phase) {
    self.state.withLock { $0.phase = phase }
    self.publish(result)
  }

  private func publish(_ result: Result<SocketEndpoint, RPCError>) {
    let waiters = self.state.withLock { state in
      state.bound = state.bound ?? result
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters {
      waiter.resume(with: result)
    }
  }

  private func bind(_ streamHandler: @escaping StreamHandler) async throws -> any Channel {
    let initializer = ServerChannelInitializer(
      configuration: self.configuration, security: self.security, registry: self.registry, logger: self.logger,
      methods: MethodTable(methods: self.state.withLock { $0.methods }, fastPaths: self.fastPaths),
      streamHandler: streamHandler)
    let bootstrap = ServerBootstrap(group: self.eventLoopGroup)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { initializer.initialize($0) }
      // A connection keeps its last buffer while it idles; one that gets much grows it within a few reads.
      .childChannelOption(
        .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 512, maximum: 65_536))
    switch self.endpoint {
    case .host(let host, let port):
      return
        try await bootstrap
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelOption(.tcpOption(.tcpUserTimeout), value: self.configuration.tcpUserTimeout)
        .bind(host: host, port: port).get()
    case .unixSocket(let path):
      try await self.checkUnused(path)
      return try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
    }
  }

  /// Throws EADDRINUSE when a server answers at a Unix path, and what connecting failed with when that can't be told.
  private func checkUnused(_ path: String) async throws {
    do {
      let channel = try await ClientBootstrap(group: self.eventLoopGroup).connect(unixDomainSocketPath: path).get()
      channel.close(promise: nil)
    } catch let error as IOError where error.errnoCode == ENOENT || error.errnoCode == ECONNREFUSED {
      return
    }
    throw IOError(errnoCode: EADDRINUSE, reason: "connect")
  }
}
