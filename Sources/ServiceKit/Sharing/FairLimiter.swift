import Metrics
import Synchronization

/// Hands out shares of something scarce, fairly between clients: who finds no room waits for its turn, and leaves the
/// queue when its task is cancelled.
///
/// It is of threads when what runs is bounded, and of memory when a share is a number of bytes. The rules are those of
/// ``FairShares``.
package final class FairLimiter<Client: Hashable & Sendable>: Sendable {
  /// A client's part, given back when nothing refers to it any more.
  package final class Share: Sendable {
    private let units: Int
    private let client: Client
    private let limiter: FairLimiter

    fileprivate init(_ units: Int, of client: Client, in limiter: FairLimiter) {
      self.units = units
      self.client = client
      self.limiter = limiter
    }

    deinit { limiter.giveBack(units, of: client) }
  }

  private typealias Continuation = CheckedContinuation<Void, any Error>

  private struct Waiter {
    let id: UInt64
    let continuation: Continuation
  }

  private struct State {
    var shares: FairShares<Client, Waiter>
    var lastID: UInt64 = 0
  }

  private let state: Mutex<State>
  private let units: Int
  private let refusal: any Error
  private let metrics: ShareMetrics

  /// Creates a limiter.
  ///
  /// - Parameters:
  ///   - name: What it shares, for the metrics.
  ///   - units: How much there is; at least 1.
  ///   - queueLimit: The most that wait.
  ///   - clientLimit: The most that wait of one client; `nil` for as many.
  ///   - refusal: What those get that find no place in the queue.
  package init(
    _ name: String, units: Int, allowance: ShareAllowance = .everything, queueLimit: Int,
    clientLimit: Int? = nil, refusal: any Error
  ) {
    self.units = max(1, units)
    self.refusal = refusal
    state = Mutex(
      State(
        shares: FairShares(
          units: self.units, allowance: allowance, queueLimit: max(0, queueLimit),
          clientLimit: max(0, clientLimit ?? queueLimit))))
    metrics = ShareMetrics(name)
  }

  /// The units that are held, and how many requests wait.
  package var occupancy: (held: Int, waiting: Int) {
    state.withLock { (units - $0.shares.free, $0.shares.waiting) }
  }

  /// Waits for a share, and runs `body` with it.
  ///
  /// - Parameters:
  ///   - units: The size of the share; of more than there is, all of it.
  ///   - cost: The work that it stands for, of which each client gets as much; not negative.
  /// - Throws: The limiter's refusal when too many wait, of this client or in all; `CancellationError` while it waits;
  ///   `body`'s errors.
  nonisolated(nonsending) package func run<Result>(
    for client: Client, units: Int = 1, cost: Double = 1, _ body: () async throws -> Result
  ) async throws -> Result {
    let share = try await share(of: units, for: client, cost: cost)
    defer { withExtendedLifetime(share) {} }
    return try await body()
  }

  /// Waits for a share; see ``run(for:units:cost:_:)``.
  nonisolated(nonsending) package func share(
    of units: Int, for client: Client, cost: Double = 1
  ) async throws -> Share {
    let (id, units) = state.withLock { state in
      state.lastID += 1
      return (state.lastID, state.shares.size(of: units))
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        admit(Waiter(id: id, continuation: continuation), of: client, units: units, cost: cost)
      }
    } onCancel: {
      let removed = state.withLock { state in
        defer { record(state) }
        return state.shares.remove(of: client) { $0.id == id }
      }
      removed?.0.continuation.resume(throwing: CancellationError())
      for waiter in removed?.granted ?? [] { waiter.continuation.resume() }
    }
    return Share(units, of: client, in: self)
  }

  /// Counts work that a share has turned out to stand for besides its cost.
  package func add(_ cost: Double, to client: Client) {
    state.withLock { $0.shares.add(cost, to: client) }
  }

  private func admit(_ waiter: Waiter, of client: Client, units: Int, cost: Double) {
    let settled: (Continuation, Result<Void, any Error>)? = state.withLock { state in
      defer { record(state) }
      // The cancellation handler may have run before there was a waiter to remove.
      if Task.isCancelled { return (waiter.continuation, .failure(CancellationError())) }
      return switch state.shares.admit(waiter, of: client, units: units, cost: cost) {
      case .granted: (waiter.continuation, .success(()))
      case .waits: nil
      case .displaces(let other): (other.continuation, .failure(refusal))
      case .refused: (waiter.continuation, .failure(refusal))
      }
    }
    guard let (continuation, outcome) = settled else { return }
    if case .failure(let error) = outcome, !(error is CancellationError) { metrics.refused() }
    continuation.resume(with: outcome)
  }

  /// Tells the metrics, under the lock: what was the case last is what they show.
  private func record(_ state: borrowing State) {
    metrics.record(held: units - state.shares.free, waiting: state.shares.waiting)
  }

  private func giveBack(_ units: Int, of client: Client) {
    let granted = state.withLock { state in
      defer { record(state) }
      return state.shares.giveBack(units, of: client)
    }
    for waiter in granted { waiter.continuation.resume() }
  }
}

/// What an operator sees of a limiter: how much is held, how many wait, and how many were refused.
private struct ShareMetrics: Sendable {
  private let held: Gauge
  private let waiting: Gauge
  private let refusals: Counter

  init(_ name: String) {
    let dimensions = [("share", name)]
    held = Gauge(label: "fair_share_held", dimensions: dimensions)
    waiting = Gauge(label: "fair_share_waiting", dimensions: dimensions)
    refusals = Counter(label: "fair_share_refused_total", dimensions: dimensions)
  }

  func record(held: Int, waiting: Int) {
    self.held.record(held)
    self.waiting.record(waiting)
  }

  func refused() { refusals.increment() }
}
