import Foundation
import GRPCCore
import GRPCNghttp2Transport
import Logging
import Synchronization
import Testing

/// Servers that are restarted again and again under 2,000 calls a second.
///
/// Half of the calls are idempotent and have a retry policy, the others must not be made twice and have none. Each carries
/// an id, by which the servers count how often it was executed.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RestartTests {
  /// Fifty in a proof, fewer when many other tests run beside these.
  static let restarts = ProcessInfo.processInfo.environment["TEMPORIS_RESTARTS"].flatMap { Int($0) } ?? 10
  /// Ten calls every five milliseconds.
  static let tick = Duration.milliseconds(5)
  static let callsPerTick = 10
  /// A machine that can't keep up makes fewer calls rather than ever more at once.
  static let maxOpenCalls = 800

  /// What was executed, on all servers together.
  final class Ledger: Sendable {
    private let executions = Mutex<[UInt32: Int]>([:])

    var counts: [UInt32: Int] { self.executions.withLock { $0 } }

    func add(_ counts: [UInt32: Int]) {
      self.executions.withLock { $0.merge(counts) { $0 + $1 } }
    }

    var service: TestService {
      let count: TestService.Handler = { request, _ in
        for try await message in request.messages {
          let id = message.reduce(0) { $0 << 8 | UInt32($1) }
          self.executions.withLock { $0[id, default: 0] += 1 }
        }
        // Some are caught in the middle.
        await Task.yield()
        return StreamingServerResponse { writer in
          try await writer.write([1])
          return [:]
        }
      }
      return TestService(["Idempotent": count, "Once": count])
    }
  }

  /// What became of the calls.
  final class Outcome: Sendable {
    struct Values {
      var calls = 0
      var failedIdempotent: [String] = []
      var failedOnce: [String] = []
      var answeredOnce: Set<UInt32> = []
    }

    private let state = Mutex(Values())

    var values: Values { self.state.withLock { $0 } }

    func change(_ body: (inout Values) -> Void) { self.state.withLock { body(&$0) } }
  }

  /// A server that runs until it is stopped.
  struct Running: Sendable {
    let server: TestServer
    let run: Task<Void, any Error>

    /// Starts one as soon as its predecessor has left the socket.
    static func start(_ endpoint: SocketEndpoint, _ service: TestService) async throws -> Running {
      let transport = Nghttp2ServerTransport(listeningOn: endpoint, logger: Logger(label: "test"))
      let server = GRPCServer(transport: transport, services: [service])
      let run = Task { try await server.serve() }
      _ = try await transport.boundEndpoint
      return Running(server: server, run: run)
    }

    func stopGracefully() async throws {
      self.server.beginGracefulShutdown()
      try await self.run.value
    }

    /// Closes every socket at once.
    func kill() async throws {
      self.run.cancel()
      try await self.run.value
    }
  }

  static func endpoint() -> SocketEndpoint {
    .unixSocket(path: "/tmp/temporis-restarts-\(UInt64.random(in: 0...(.max)))")
  }

  /// Retries for the idempotent method; calls wait for a server where `waitForReady` says so.
  static func configuration(waitForReady: Bool) -> Nghttp2ClientConfiguration {
    let retry = RetryPolicy(
      maxAttempts: 5, initialBackoff: .milliseconds(10), maxBackoff: .milliseconds(200), backoffMultiplier: 2,
      retryableStatusCodes: [.unavailable])
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.backoff.initial = .milliseconds(5)
    configuration.serviceConfig = ServiceConfig(methodConfig: [
      MethodConfig(
        names: [MethodConfig.Name(service: "test.Service", method: "Idempotent")], waitForReady: waitForReady,
        executionPolicy: .retry(retry)),
      MethodConfig(
        names: [MethodConfig.Name(service: "test.Service", method: "Once")], waitForReady: waitForReady),
    ])
    return configuration
  }

  /// Makes calls at their rate until `work` has ended, and waits for their ends.
  static func load(
    _ endpoints: [SocketEndpoint], waitForReady: Bool,
    during work: @escaping @Sendable (TestClient) async throws -> Void
  ) async throws -> Outcome.Values {
    let outcome = Outcome()
    let isDone = Event()
    try await withClient(endpoints, configuration: Self.configuration(waitForReady: waitForReady)) { client in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          defer { isDone.happen() }
          try await work(client)
        }
        var id: UInt32 = 0
        while !isDone.hasHappened {
          let next = ContinuousClock.now + Self.tick
          for _ in 0..<Self.callsPerTick where Int(id) - outcome.values.calls < Self.maxOpenCalls {
            id += 1
            group.addTask { [id] in await Self.call(client, id, outcome) }
          }
          try await Task.sleep(until: next, clock: .continuous)
        }
        try await group.waitForAll()
      }
    }
    return outcome.values
  }

  static func call(_ client: TestClient, _ id: UInt32, _ outcome: Outcome) async {
    let isOnce = id.isMultiple(of: 2)
    let message = (0..<4).map { UInt8(truncatingIfNeeded: id >> (24 - 8 * UInt32($0))) }
    let error = await rpcError { _ = try await client.call(isOnce ? "Once" : "Idempotent", message) }
    outcome.change { values in
      values.calls += 1
      switch (isOnce, error) {
      case (true, let error?): values.failedOnce.append("\(error.code): \(error.message)")
      case (false, let error?): values.failedIdempotent.append("\(error.code): \(error.message)")
      case (true, nil): values.answeredOnce.insert(id)
      case (false, nil): break
      }
    }
  }

  /// No call that must not be made twice was, and each that was answered was executed.
  static func expectNoDuplicates(_ outcome: Outcome.Values, _ ledger: Ledger) {
    let counts = ledger.counts
    let duplicates = counts.filter { $0.key.isMultiple(of: 2) && $0.value > 1 }
    #expect(duplicates.isEmpty)
    #expect(outcome.answeredOnce.allSatisfy { counts[$0] == 1 })
  }

  /// Stops the one server that there is again and again as `stop` does, under calls that wait for its return.
  static func restartUnderLoad(
    _ stop: @escaping @Sendable (Running) async throws -> Void
  ) async throws -> (outcome: Outcome.Values, ledger: Ledger) {
    let ledger = Ledger()
    let endpoint = Self.endpoint()
    let running = Mutex(try await Running.start(endpoint, ledger.service))
    let outcome = try await Self.load([endpoint], waitForReady: true) { _ in
      for _ in 0..<Self.restarts {
        try await Task.sleep(for: .milliseconds(200))
        try await stop(running.withLock { $0 })
        let next = try await Running.start(endpoint, ledger.service)
        running.withLock { $0 = next }
      }
    }
    try await running.withLock { $0 }.stopGracefully()
    return (outcome, ledger)
  }

  @Test("A server restarted gracefully loses no call and doubles none: calls wait for its return")
  func oneServer() async throws {
    let (outcome, ledger) = try await Self.restartUnderLoad { try await $0.stopGracefully() }
    #expect(outcome.failedOnce == [])
    #expect(outcome.failedIdempotent == [])
    #expect(outcome.calls > Self.restarts)
    Self.expectNoDuplicates(outcome, ledger)
  }

  @Test("Of two servers one can always be restarted: no call fails, waits for ready or is doubled")
  func twoServers() async throws {
    let ledgers = [Ledger(), Ledger()]
    let endpoints = [Self.endpoint(), Self.endpoint()]
    let running = Mutex<[Running]>([])
    for (endpoint, ledger) in zip(endpoints, ledgers) {
      let server = try await Running.start(endpoint, ledger.service)
      running.withLock { $0.append(server) }
    }
    let outcome = try await Self.load(endpoints, waitForReady: false) { _ in
      for restart in 0..<Self.restarts {
        try await Task.sleep(for: .milliseconds(200))
        let index = restart % 2
        try await running.withLock { $0[index] }.stopGracefully()
        let next = try await Running.start(endpoints[index], ledgers[index].service)
        running.withLock { $0[index] = next }
        // The next follows when this one has calls again.
        let before = ledgers[index].counts.count
        try await wait(until: { ledgers[index].counts.count > before })
      }
    }
    for server in running.withLock({ $0 }) {
      try await server.stopGracefully()
    }
    #expect(outcome.failedOnce == [])
    #expect(outcome.failedIdempotent == [])
    #expect(outcome.calls > Self.restarts)
    let all = Ledger()
    for ledger in ledgers { all.add(ledger.counts) }
    Self.expectNoDuplicates(outcome, all)
  }

  @Test("A server that is killed again and again fails no call that may be retried, and doubles none that may not")
  func killed() async throws {
    let (outcome, ledger) = try await Self.restartUnderLoad { try await $0.kill() }
    #expect(outcome.failedIdempotent == [])
    #expect(outcome.calls > Self.restarts)
    Self.expectNoDuplicates(outcome, ledger)
  }
}
