import Foundation
import GRPCCore
import GRPCNghttp2Transport
import Synchronization
import TestSupport

/// Calls made at a fixed rate, whether those before have been answered or not.
///
/// Half of them are idempotent and have a retry policy, the others must not be made twice and have none.
final class RestartLoad: Sendable {
  struct Outcome: Sendable {
    var calls = 0
    var failedIdempotent: [String] = []
    var failedOnce: [String] = []
    var answeredOnce: Set<UInt32> = []
    /// How many calls were open at each restart.
    var openAtRestarts: [Int] = []
    /// The calls per second that were made.
    var rate = 0.0
  }

  private struct State {
    var lastID: UInt32 = 0
    var open: Set<UInt32> = []
    var outcome = Outcome()
  }

  /// The rate that is to be held; nil when nobody measures.
  static let measuredRate = ProcessInfo.processInfo.environment["TEMPORIS_RESTART_RATE"].flatMap { Double($0) }
  /// Calls per second; few when many other tests run beside these.
  static let rate = measuredRate ?? 400
  /// A machine that can't keep up makes fewer calls rather than ever more at once.
  static let maxOpenCalls = 1000
  /// How long a server works on a call.
  static let workTime = Duration.milliseconds(5)
  private static let tick = Duration.milliseconds(2)

  private let client: TestClient
  private let state = Mutex(State())

  private init(_ client: TestClient) {
    self.client = client
  }

  /// Makes calls until `work` has ended, and waits for their ends.
  static func run(
    _ endpoints: [SocketEndpoint], waitForReady: Bool,
    during work: @escaping @Sendable (RestartLoad) async throws -> Void
  ) async throws -> Outcome {
    try await withClient(endpoints, configuration: self.configuration(waitForReady: waitForReady)) { client in
      let load = RestartLoad(client)
      let isDone = Event()
      let start = ContinuousClock.now
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask {
          defer { isDone.happen() }
          try await work(load)
        }
        while !isDone.hasHappened, !group.isCancelled {
          let due = UInt32((ContinuousClock.now - start) / .seconds(1) * self.rate)
          while let id = load.next(upTo: due) {
            group.addTask { await load.call(id) }
          }
          try await Task.sleep(for: self.tick)
        }
        load.state.withLock { state in
          state.outcome.rate = Double(state.lastID) / ((ContinuousClock.now - start) / .seconds(1))
        }
      }
      return load.state.withLock { $0.outcome }
    }
  }

  /// Whether a call must not be made twice: two of four, so that each of two servers in turn gets both kinds.
  static func isOnce(_ id: UInt32) -> Bool { id & 2 != 0 }

  /// The last call that was made.
  var lastID: UInt32 { self.state.withLock { $0.lastID } }

  /// Waits for `count` more calls to be made, or for as many to be open as may be.
  func waitForCalls(_ count: UInt32) async throws {
    let last = self.lastID + count
    try await eventually(until: {
      self.state.withLock { $0.lastID >= last || $0.open.count >= Self.maxOpenCalls }
    })
  }

  /// Waits until the calls up to `id` have ended.
  func waitForEnds(upTo id: UInt32) async throws {
    try await eventually(until: { self.state.withLock { $0.open.allSatisfy { $0 > id } } })
  }

  /// Waits until some calls have ended.
  func waitForEnds(of ids: Set<UInt32>) async throws {
    try await eventually(until: { self.state.withLock { $0.open.isDisjoint(with: ids) } })
  }

  /// A restart is about to begin; waits until it finds a call that must not be made twice.
  func noteRestart() async throws {
    try await eventually(until: {
      self.state.withLock { state in
        guard state.open.contains(where: { Self.isOnce($0) }) else { return false }
        state.outcome.openAtRestarts.append(state.open.count)
        return true
      }
    })
  }

  private func next(upTo due: UInt32) -> UInt32? {
    self.state.withLock { state in
      guard state.lastID < due, state.open.count < Self.maxOpenCalls else { return nil }
      state.lastID += 1
      state.open.insert(state.lastID)
      return state.lastID
    }
  }

  private func call(_ id: UInt32) async {
    let isOnce = Self.isOnce(id)
    let message = (0..<4).map { UInt8(truncatingIfNeeded: id >> (24 - 8 * UInt32($0))) }
    let failure: String?
    do {
      _ = try await self.client.call(isOnce ? "Once" : "Idempotent", message)
      failure = nil
    } catch {
      failure = "\(error)"
    }
    self.state.withLock { state in
      state.open.remove(id)
      state.outcome.calls += 1
      switch (isOnce, failure) {
      case (true, let failure?): state.outcome.failedOnce.append(failure)
      case (false, let failure?): state.outcome.failedIdempotent.append(failure)
      case (true, nil): state.outcome.answeredOnce.insert(id)
      case (false, nil): break
      }
    }
  }

  private static func configuration(waitForReady: Bool) -> Nghttp2ClientConfiguration {
    let retry = RetryPolicy(
      maxAttempts: 5, initialBackoff: .milliseconds(10), maxBackoff: .milliseconds(200), backoffMultiplier: 2,
      retryableStatusCodes: [.unavailable])
    let idempotent = MethodConfig.Name(service: "test.Service", method: "Idempotent")
    let once = MethodConfig.Name(service: "test.Service", method: "Once")
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.backoff.initial = .milliseconds(5)
    configuration.serviceConfig = ServiceConfig(methodConfig: [
      MethodConfig(names: [idempotent], waitForReady: waitForReady, executionPolicy: .retry(retry)),
      MethodConfig(names: [once], waitForReady: waitForReady),
    ])
    return configuration
  }
}
