import Foundation
import GRPCNghttp2Transport
import Synchronization
import TestSupport
import Testing

/// Servers that are restarted again and again under calls that come at a fixed rate.
///
/// As a proof: with `TEMPORIS_RESTARTS=50 TEMPORIS_RESTART_RATE=2000` in an optimised build; a rate that is given is
/// checked, and the figures are printed.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RestartTests {
  /// Fifty in a proof, few when many other tests run beside these.
  static let restarts = ProcessInfo.processInfo.environment["TEMPORIS_RESTARTS"].flatMap { Int($0) } ?? 5
  /// A fifth of a second.
  static let callsBetweenRestarts = UInt32(RestartLoad.rate / 5)
  /// Those that come while a server is away.
  static let callsWithoutServer: UInt32 = 20

  /// Restarts one of `count` servers after the other. Calls to a single one wait for its return; with two nothing
  /// waits, as one is always there.
  static func restart(
    _ count: Int, _ manner: RestartableServer.Manner
  ) async throws -> (outcome: RestartLoad.Outcome, executed: ExecutionLedger.Values) {
    let ledger = ExecutionLedger()
    let paths = (0..<count).map { _ in "/tmp/temporis-restarts-\(UInt64.random(in: 0...(.max)))" }
    defer {
      for path in paths { try? FileManager.default.removeItem(atPath: path) }
    }
    let endpoints = paths.map { SocketEndpoint.unixSocket(path: $0) }
    let servers = Mutex<[RestartableServer]>([])
    for (index, endpoint) in endpoints.enumerated() {
      let server = try await RestartableServer.start(manner, index, on: endpoint, ledger)
      servers.withLock { $0.append(server) }
    }
    let outcome = try await RestartLoad.run(endpoints, waitForReady: count == 1) { load in
      for restart in 0..<Self.restarts {
        // None is caught by two restarts, unless it comes to one again and again.
        let last = load.lastID
        ledger.beginRefusing(after: last)
        try await load.waitForCalls(Self.callsBetweenRestarts)
        try await load.waitForEnds(upTo: last)
        let index = restart % count
        try await load.noteRestart()
        try await servers.withLock { $0[index] }.stop(load)
        try await load.waitForCalls(Self.callsWithoutServer)
        let served = ledger.served(by: index)
        let server = try await RestartableServer.start(manner, index, on: endpoints[index], ledger)
        servers.withLock { $0[index] = server }
        // The other's turn comes only when this one has calls again.
        try await eventually(until: { ledger.served(by: index) > served })
      }
    }
    for server in servers.withLock({ $0 }) {
      try await server.end()
    }
    Self.report(count, manner, outcome, ledger.values)
    return (outcome, ledger.values)
  }

  static func report(
    _ count: Int, _ manner: RestartableServer.Manner, _ outcome: RestartLoad.Outcome, _ executed: ExecutionLedger.Values
  ) {
    guard let rate = RestartLoad.measuredRate else { return }
    #expect(outcome.rate > 0.98 * rate)
    let open = outcome.openAtRestarts
    print(
      """
      \(Self.restarts) restarts, \(manner.rawValue), of \(count) server(s): \(outcome.calls) calls, \
      \(Int(outcome.rate.rounded())) of \(Int(rate)) offered each second; open at a restart: \(open.min() ?? 0) to \
      \(open.max() ?? 0); left out by a GOAWAY: \(executed.leftOut), refused: \(executed.refused.count); failed: \
      \(outcome.failedIdempotent.count) with a retry policy, \(outcome.failedOnce.count) without; executed twice: \
      \(executed.counts.count { $0.value > 1 && !RestartLoad.isOnce($0.key) }) idempotent, \
      \(executed.counts.count { $0.value > 1 && RestartLoad.isOnce($0.key) }) others
      """)
  }

  /// Every call was answered, and executed exactly once.
  static func expectPerfection(_ outcome: RestartLoad.Outcome, _ executed: ExecutionLedger.Values) {
    #expect(outcome.failedOnce == [])
    #expect(outcome.failedIdempotent == [])
    #expect(executed.counts.count == outcome.calls)
    #expect(executed.counts.filter { $0.value != 1 } == [:])
    #expect(outcome.openAtRestarts.reduce(0, +) > 0)
  }

  @Test("Servers restarted gracefully lose no call and double none", arguments: [1, 2])
  func graceful(servers: Int) async throws {
    let (outcome, executed) = try await Self.restart(servers, .gracefully)
    Self.expectPerfection(outcome, executed)
  }

  @Test(
    "Calls that servers refuse or leave behind unprocessed are made again, none is lost and none doubled",
    arguments: [1, 2])
  func impolite(servers: Int) async throws {
    let (outcome, executed) = try await Self.restart(servers, .impolitely)
    Self.expectPerfection(outcome, executed)
    // It was up to the client.
    #expect(executed.leftOut >= Self.restarts)
    #expect(executed.refused.contains { RestartLoad.isOnce($0) })
  }

  @Test(
    "Servers that are killed fail no call that has a retry policy, and double none that has not", arguments: [1, 2])
  func violent(servers: Int) async throws {
    let (outcome, executed) = try await Self.restart(servers, .violently)
    #expect(outcome.failedIdempotent == [])
    let once = executed.counts.filter { RestartLoad.isOnce($0.key) }
    #expect(once.filter { $0.value != 1 } == [:])
    #expect(outcome.answeredOnce.isSubset(of: once.keys))
    // Each time one was at work.
    #expect(outcome.failedOnce.count >= Self.restarts)
  }
}
