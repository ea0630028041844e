import GRPCCore
import GRPCNghttp2Transport
import Logging
import Synchronization
import TestSupport

/// Two servers of a ``MoveLoad``, one of which is always there.
final class ServerPair: Sendable {
  typealias End = @Sendable () async throws -> Void

  let endpoints: [SocketEndpoint]
  /// The number of the first server in the ledger.
  private let first: Int
  private let ledger: MoveLedger
  private let security: TransportSecurity
  private let ends = Mutex<[End]>([])

  private init(_ first: Int, _ ledger: MoveLedger, _ security: TransportSecurity) {
    self.first = first
    self.ledger = ledger
    self.security = security
    self.endpoints = (0..<2).map { _ in .unixSocket(path: "/tmp/temporis-pair-\(UInt64.random(in: 0...(.max)))") }
  }

  static func start(_ first: Int, _ ledger: MoveLedger, security: TransportSecurity) async throws -> ServerPair {
    let pair = ServerPair(first, ledger, security)
    for index in 0..<2 {
      let end = try await pair.startServer(index)
      pair.ends.withLock { $0.append(end) }
    }
    return pair
  }

  /// Restarts one of the two after a while; returns when it has calls again, before which the other must not leave.
  func restartOne(unless isOver: Event) async throws {
    try await Task.sleep(for: .milliseconds(Int.random(in: 0...100)))
    let index = Int.random(in: 0...1)
    try await self.ends.withLock { $0[index] }()
    let served = self.ledger.served(by: self.first + index)
    let end = try await self.startServer(index)
    self.ends.withLock { $0[index] = end }
    try await eventually(until: { self.ledger.served(by: self.first + index) > served || isOver.hasHappened })
  }

  func end() async throws {
    for end in self.ends.withLock({ $0 }) { try await end() }
  }

  private func startServer(_ index: Int) async throws -> End {
    let transport = Nghttp2ServerTransport(
      listeningOn: self.endpoints[index], security: self.security, logger: Logger(label: "test"))
    let server = GRPCServer(transport: transport, services: [self.ledger.service(of: self.first + index)])
    let run = Task { try await server.serve() }
    _ = try await transport.boundEndpoint
    return {
      server.beginGracefulShutdown()
      try await run.value
    }
  }
}
