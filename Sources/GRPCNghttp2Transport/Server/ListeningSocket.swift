import GRPCCore
import Glibc
import NIOCore
import NIOPosix

/// The socket that a server listens on, and the lock on its path if that is a Unix socket's.
struct ListeningSocket: Sendable {
  let channel: any Channel
  private let lock: UnixSocketLock?

  /// Binds a socket and listens.
  ///
  /// Throws EADDRINUSE when the address is another server's, and otherwise what the system says.
  init(
    at endpoint: SocketEndpoint, _ bootstrap: ServerBootstrap, tcpUserTimeout: Int, on group: any EventLoopGroup
  ) async throws {
    switch endpoint {
    case .host(let host, let port):
      self.lock = nil
      self.channel =
        try await bootstrap
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelOption(.tcpOption(.tcpUserTimeout), value: tcpUserTimeout)
        .bind(to: Self.address(host, port)).get()
    case .unixSocket(let path):
      let lock = try await onThread(of: group) { try UnixSocketLock(socketPath: path) }
      do {
        try await Self.checkUnused(path, group)
        self.channel = try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
      } catch {
        // Fails only in a process that ends, which releases it; why there is no socket matters more.
        try? await onThread(of: group) { lock.release() }
        throw error
      }
      self.lock = lock
    }
  }

  /// Waits until the socket is closed and its address is free for others.
  func waitUntilClosed() async {
    // A listening socket fails to close only when it is closed already.
    try? await self.channel.closeFuture.get()
    if let lock = self.lock {
      // Fails only in a process that ends, which releases it.
      try? await onThread(of: self.channel.eventLoop) { lock.release() }
    }
  }

  /// The address of a host, the first one of a name.
  private static func address(_ host: String, _ port: Int) async throws -> SocketAddress {
    guard (0...65_535).contains(port) else {
      throw RPCError(code: .invalidArgument, message: "there is no such port")
    }
    if let address = try? SocketAddress(ipAddress: host, port: port) { return address }
    guard let address = try await SystemNameResolver().addresses(of: host, port: port).first else {
      throw RPCError(code: .invalidArgument, message: "the name has no addresses")
    }
    return address
  }

  /// Throws EADDRINUSE when a server answers at a Unix path, although it holds no lock, and what connecting failed with
  /// when that can't be told.
  private static func checkUnused(_ path: String, _ group: any EventLoopGroup) async throws {
    do {
      let channel = try await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get()
      channel.close(promise: nil)
    } catch let error as IOError where error.errnoCode == ENOENT || error.errnoCode == ECONNREFUSED {
      return
    }
    throw IOError(errnoCode: EADDRINUSE, reason: "connect")
  }
}

/// Runs what blocks on a thread that may, also when the task is cancelled; fails only with `body`.
private func onThread<Result: Sendable>(
  of group: any EventLoopGroup, _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await NIOThreadPool.singleton.runIfActive(eventLoop: group.any(), body).get()
}
