import Logging
import Postgres
import ServiceKit
import Synchronization
import TokenDomain

/// Waits for verifiers on behalf of every change of this replica that has committed: one loop runs the steps of all
/// their ``RevocationBarrier``s for as long as there are any.
///
/// A wait ends only once its barrier has passed, or without an answer: when the database is closed, and when the log
/// does not hold the change any more. Any other error is logged, and the step is taken again.
final class RevocationBarriers: Sendable {
  /// How often leases are counted: acknowledgements come through other replicas, too, which don't tell.
  private static let interval = Duration.milliseconds(3)
  /// The same while leases are left to run out, or the database fails.
  private static let longInterval = Duration.milliseconds(50)
  /// How long the log may lack a change, as it does on a server that was replaced, before it is given up.
  private static let lossLimit = Duration.seconds(60)

  fileprivate struct Waiter {
    var barrier: RevocationBarrier
    /// When the change was last seen in the log.
    var seenAt: ContinuousClock.Instant
    /// Whether it was by the last count. Nothing is known otherwise.
    var isSeen = false
    /// Whether leases are left to run out.
    var hasLostPatience = false
    /// How many leases have acknowledged the revision, by the last count.
    var confirmations = 0
    let continuation: CheckedContinuation<Int, any Error>
  }

  private struct State {
    var arrived: [Waiter] = []
    var isRunning = false
  }

  private let store: RevocationStore
  private let faults: FaultLog
  private let logger: Logger
  private let wakeups = Wakeups()
  private let state = Mutex(State())

  init(store: RevocationStore, faults: FaultLog, logger: Logger) {
    self.store = store
    self.faults = faults
    self.logger = logger
  }

  /// Has the leases counted soon.
  func wake() {
    wakeups.wake()
  }

  /// Waits until no verifier answers by what was before an entry of the log.
  ///
  /// - Parameter time: A time after its commit.
  /// - Returns: How many verifiers have confirmed it.
  /// - Throws: `PostgresError` when the database is closed, ``ServiceError`` `unavailable` when the log does not hold
  ///   the entry: nothing is known then.
  func pass(_ position: LogPosition, committedBefore time: ContinuousClock.Instant) async throws -> Int {
    try await withCheckedThrowingContinuation { continuation in
      let starts = state.withLock { state in
        state.arrived.append(
          Waiter(barrier: RevocationBarrier(for: position, at: time), seenAt: time, continuation: continuation))
        defer { state.isRunning = true }
        return !state.isRunning
      }
      // Not a part of the call that happens to be the first.
      if starts { Task.detached { [self] in await run() } } else { wake() }
    }
  }

  private func run() async {
    var waiters: [Waiter] = []
    while takeArrived(&waiters) {
      var hasFailed = false
      do {
        try await takeSteps(of: &waiters)
      } catch let error as PostgresError where error.code == .closed {
        for waiter in waiters { waiter.continuation.resume(throwing: error) }
        waiters = []
      } catch {
        faults.note("Can't see whether verifiers have applied a change", kind: "barrier", error)
        hasFailed = true
      }
      waiters.removeAll(where: Self.settle)
      if let pause = Self.pause(of: waiters, afterFailure: hasFailed) { _ = await wakeups.wait(atMost: pause) }
    }
  }

  /// Answers a waiter whose wait is over.
  private static func settle(_ waiter: Waiter) -> Bool {
    if waiter.barrier.passed {
      waiter.continuation.resume(returning: waiter.confirmations)
    } else if !waiter.isSeen, waiter.seenAt.duration(to: .now) > lossLimit {
      let error = RevocationNotSeenError(waiter.barrier.position)
      waiter.continuation.resume(throwing: ServiceError(.unavailable, cause: error))
    } else {
      return false
    }
    return true
  }

  /// How long nothing need be done; `nil` when nobody waits.
  private static func pause(of waiters: [Waiter], afterFailure hasFailed: Bool) -> Duration? {
    if waiters.isEmpty { return nil }
    let seen = waiters.lazy.filter(\.isSeen)
    guard !hasFailed, let deadline = seen.map(\.barrier.deadline).min() else { return longInterval }
    let pause = seen.allSatisfy(\.hasLostPatience) ? longInterval : interval
    return max(.zero, min(pause, ContinuousClock.now.duration(to: deadline)))
  }

  /// Adds those that have arrived. Returns `false`, and ends the loop, when there are none at all.
  private func takeArrived(_ waiters: inout [Waiter]) -> Bool {
    state.withLock { state in
      waiters += state.arrived
      state.arrived = []
      state.isRunning = !waiters.isEmpty
      return state.isRunning
    }
  }

  /// Takes each waiter's next step. What several need is done once, for the latest of their entries: that includes the
  /// leases that lag behind the others.
  private func takeSteps(of waiters: inout [Waiter]) async throws {
    try await count(for: &waiters)
    let now = ContinuousClock.now
    if let latest = waiters.latestPosition(whereStep: .raiseFloor, at: now) {
      let longest = try await store.raiseFloor(to: latest)
      let committed = ContinuousClock.now
      for index in waiters.indices where waiters[index].hasStep(.raiseFloor, at: now) {
        waiters[index].barrier.raisedFloor(longestLease: longest, at: committed)
        waiters[index].hasLostPatience = true
      }
    }
    if let latest = waiters.latestPosition(whereStep: .removeLeases, at: now) {
      let removed = try await store.removeLeases(behind: latest)
      if removed > 0 {
        logger.warning(
          "Verifiers did not apply a change in time and have to register anew",
          metadata: ["verifiers": "\(removed)", "revision": "\(latest.revision)"])
      }
      for index in waiters.indices where waiters[index].hasStep(.removeLeases, at: now) {
        waiters[index].barrier.removedLeases()
      }
    }
    // Who passed since the count has more confirmations than that saw.
    if waiters.contains(where: { $0.barrier.passed && $0.hasLostPatience }) { try await count(for: &waiters) }
  }

  /// Counts the leases that have acknowledged what each waits for.
  private func count(for waiters: inout [Waiter]) async throws {
    let (seen, acknowledged) = try await store.acknowledgements(at: waiters.map(\.barrier.position))
    for index in waiters.indices { waiters[index].count(acknowledged, seen) }
  }
}

extension RevocationBarriers.Waiter {
  /// Takes what each lease has acknowledged, which counts if the same snapshot holds the change.
  fileprivate mutating func count(_ acknowledged: [Int64], _ seen: Set<LogPosition>) {
    isSeen = seen.contains(barrier.position)
    guard isSeen else { return }
    seenAt = .now
    confirmations = acknowledged.count { $0 >= barrier.revision }
    barrier.counted(acknowledged.count - confirmations)
  }

  /// Whether a step can be taken now.
  fileprivate func hasStep(_ step: RevocationBarrier.Step, at now: ContinuousClock.Instant) -> Bool {
    isSeen && barrier.step(at: now) == step
  }
}

extension [RevocationBarriers.Waiter] {
  fileprivate func latestPosition(
    whereStep step: RevocationBarrier.Step, at now: ContinuousClock.Instant
  ) -> LogPosition? {
    lazy.filter { $0.hasStep(step, at: now) }.map(\.barrier.position).max { $0.revision < $1.revision }
  }
}
