import Metrics
import Synchronization

/// Hands out shares of something scarce, fairly between clients: who finds no room waits for its turn, and leaves the
/// queue when its task is cancelled, or its call has no time left.
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

  private let shares: Mutex<FairShares<Client, Turn>>
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
  ///   - refusal: What those get that find no place in the queue, or no turn in their call's time.
  package init(
    _ name: String, units: Int, allowance: ShareAllowance = .everything, queueLimit: Int,
    clientLimit: Int? = nil, refusal: any Error
  ) {
    self.units = max(1, units)
    self.refusal = refusal
    shares = Mutex(
      FairShares(
        units: self.units, allowance: allowance, queueLimit: max(0, queueLimit),
        clientLimit: max(0, clientLimit ?? queueLimit)))
    metrics = ShareMetrics(name)
  }

  /// The units that are held, and how many requests wait.
  package var occupancy: (held: Int, waiting: Int) {
    shares.withLock { (units - $0.free, $0.waiting) }
  }

  /// Waits for a share, and runs `body` with it.
  ///
  /// - Parameters:
  ///   - units: The size of the share; of more than there is, all of it.
  ///   - cost: The work that it stands for, of which each client gets as much; not negative.
  /// - Throws: The limiter's refusal when too many wait, of this client or in all, or it waits until its call must be
  ///   answered; `CancellationError` while it waits; `body`'s errors.
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
    let units = shares.withLock { $0.size(of: units) }
    try await Turn.wait(orThrow: refusal) { turn in
      admit(turn, of: client, units: units, cost: cost)
    } remove: { [self] id, error in
      remove(id, of: client, error)
    }
    return Share(units, of: client, in: self)
  }

  /// Counts work that a share has turned out to stand for besides its cost.
  package func add(_ cost: Double, to client: Client) {
    shares.withLock { $0.add(cost, to: client) }
  }

  /// - Returns: Whether the turn waits, unless it has been settled since.
  private func admit(_ turn: Turn, of client: Client, units: Int, cost: Double) -> Bool {
    let settled: (Turn, Result<Void, any Error>)? = shares.withLock { shares in
      defer { record(shares) }
      // The cancellation handler may have run before there was a turn to remove.
      if Task.isCancelled { return (turn, .failure(CancellationError())) }
      return switch shares.admit(turn, of: client, units: units, cost: cost) {
      case .granted: (turn, .success(()))
      case .waits: nil
      case .displaces(let other): (other, .failure(refusal))
      case .refused: (turn, .failure(refusal))
      }
    }
    guard let (other, outcome) = settled else { return true }
    settle(other, outcome)
    return other.id != turn.id
  }

  private func remove(_ id: UInt64, of client: Client, _ error: any Error) {
    let removed = shares.withLock { shares in
      defer { record(shares) }
      return shares.remove(of: client) { $0.id == id }
    }
    guard let (turn, granted) = removed else { return }
    settle(turn, .failure(error))
    for turn in granted { turn.resume() }
  }

  private func settle(_ turn: Turn, _ outcome: Result<Void, any Error>) {
    if case .failure(let error) = outcome, !(error is CancellationError) { metrics.refused() }
    turn.resume(with: outcome)
  }

  /// Tells the metrics, under the lock: what was the case last is what they show.
  private func record(_ shares: borrowing FairShares<Client, Turn>) {
    metrics.record(held: units - shares.free, waiting: shares.waiting)
  }

  private func giveBack(_ units: Int, of client: Client) {
    let granted = shares.withLock { shares in
      defer { record(shares) }
      return shares.giveBack(units, of: client)
    }
    for turn in granted { turn.resume() }
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
