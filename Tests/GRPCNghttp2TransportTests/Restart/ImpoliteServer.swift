import GRPCNghttp2Transport
import HTTP2Session
import NIOCore
import NIOPosix
import Synchronization
import TestSupport

/// A server that refuses some calls and leaves without a warning: those that have come but haven't begun are lost with
/// it.
final class ImpoliteServer: Sendable {
  let index: Int
  let ledger: ExecutionLedger
  private let listener: Mutex<(any Channel)?>
  /// The calls that are made while every connection has as many as it takes.
  private static let callsHeldBack: UInt32 = 10
  /// The calls that are made while one of several servers begins none: the others take nearly all of them.
  private static let callsElsewhere: UInt32 = 200
  private let connections = Mutex<[ObjectIdentifier: ImpoliteConnection]>([:])

  private init(_ index: Int, _ ledger: ExecutionLedger) {
    self.index = index
    self.ledger = ledger
    self.listener = Mutex(nil)
  }

  static func start(
    _ index: Int, on endpoint: SocketEndpoint, _ ledger: ExecutionLedger
  ) async throws -> ImpoliteServer {
    guard case .unixSocket(let path) = endpoint else { throw TimedOut() }
    let server = ImpoliteServer(index, ledger)
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let connection = try ImpoliteConnection(server, channel.eventLoop)
          try channel.pipeline.syncOperations.addHandler(connection)
          server.connections.withLock { $0[ObjectIdentifier(connection)] = connection }
        }
      }
      .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
    server.listener.withLock { $0 = listener }
    return server
  }

  /// Stops listening, lets calls pile up here and then at its clients, and leaves.
  func stop(under load: RestartLoad) async throws {
    try await load.waitForEnds(of: self.ledger.endRefusing())
    try await self.close()
    let connections = self.connections.withLock { Array($0.values) }
    for connection in connections {
      connection.stall()
      let last = load.lastID + Self.callsElsewhere
      try await eventually(until: {
        let held = try await connection.heldCount
        return held == ImpoliteConnection.maxCalls || held > 0 && load.lastID >= last
      })
    }
    try await load.waitForCalls(Self.callsHeldBack)
    for connection in connections {
      connection.leave()
    }
    try await eventually(until: { self.connections.withLock { $0.isEmpty } })
  }

  /// Stops listening.
  func close() async throws {
    try await self.listener.withLock { $0.take() }?.close().get()
  }

  func closed(_ connection: ImpoliteConnection) {
    self.connections.withLock { $0[ObjectIdentifier(connection)] = nil }
  }
}
