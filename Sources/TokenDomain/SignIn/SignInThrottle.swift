/// Why a password may not be tried yet.
package struct SignInRefusal: Error, Hashable {
  /// What was tried too often.
  package enum Limit: Sendable, Hashable {
    /// The address.
    case address
    /// The client's network, whatever the address.
    case client
  }

  /// What was tried too often.
  package let limit: Limit
  /// The time to wait first.
  package let wait: Duration

  /// Describes a refusal.
  package init(_ limit: Limit, wait: Duration) {
    self.limit = limit
    self.wait = wait
  }
}

/// Limits how often passwords can be tried, so that no stranger guesses one and none keeps an address's owner out.
///
/// Three limits hold at once, each for failed attempts. With the standard numbers:
///
/// | what is counted | at once | then |
/// |---|---|---|
/// | one address from one network, in a row | 10 | after 1, 2, 4, … 60 seconds each |
/// | one network, over all addresses | 100 | one each 6 seconds |
/// | one address, over all networks | 200 | one each 15 seconds |
///
/// The last one does not hold for a network that has signed in to the address within 30 days: whoever floods an address
/// from many networks keeps its owner out of new networks at most. From up to four networks not even that, as each gets
/// one attempt a minute through.
///
/// An attempt counts as failed until it is known to have succeeded, so that many at once are limited like many in a
/// row. A success gives back its own attempt alone: signing in to one's own account does not free more attempts at
/// others'. Each of the four tables remembers 10,000 entries and forgets the longest unused first, and each process has
/// its own.
package struct SignInThrottle<Client: Hashable & Sendable>: Sendable {
  private let freeAttempts: Int
  private let firstDelay: Duration
  private let longestDelay: Duration
  private let clientRate: AttemptRate
  private let addressRate: AttemptRate
  private let familiarTime: Duration

  /// An address and a network that tries it.
  private struct Pair: Hashable, Sendable {
    let address: String
    let client: Client
  }

  /// Failures in a row.
  private struct Run: Sendable {
    var failures: Int
    var lastAttempt: ContinuousClock.Instant
  }

  private var runs: RecentTable<Pair, Run>
  private var clients: RecentTable<Client, ContinuousClock.Instant>
  private var addresses: RecentTable<String, ContinuousClock.Instant>
  /// When the network last signed in to the address.
  private var familiar: RecentTable<Pair, ContinuousClock.Instant>

  /// Makes a throttle that remembers nothing yet.
  ///
  /// - Parameters:
  ///   - freeAttempts: Failures in a row of one network at one address that cost nothing: people mistype.
  ///   - firstDelay: The wait after the first failure too many; it doubles with each further one.
  ///   - longestDelay: The longest wait.
  ///   - clientRate: What one network may fail, over all addresses.
  ///   - addressRate: What may fail at one address, over all networks.
  ///   - familiarTime: For how long after a success `addressRate` does not hold for the network.
  ///   - capacity: The most entries of each table.
  package init(
    freeAttempts: Int = 10, firstDelay: Duration = .seconds(1), longestDelay: Duration = .seconds(60),
    clientRate: AttemptRate = AttemptRate(burst: 100, interval: .seconds(6)),
    addressRate: AttemptRate = AttemptRate(burst: 200, interval: .seconds(15)),
    familiarTime: Duration = .seconds(30 * 86_400), capacity: Int = 10_000
  ) {
    self.freeAttempts = freeAttempts
    self.firstDelay = firstDelay
    self.longestDelay = longestDelay
    self.clientRate = clientRate
    self.addressRate = addressRate
    self.familiarTime = familiarTime
    runs = RecentTable(capacity: capacity)
    clients = RecentTable(capacity: capacity)
    addresses = RecentTable(capacity: capacity)
    familiar = RecentTable(capacity: capacity)
  }

  /// Asks to try a password at `now`.
  ///
  /// - Returns: `nil` when it may be tried, which counts as failed from here on; otherwise why not, and the refused
  ///   attempt is not counted.
  package mutating func attempt(
    _ address: String, from client: Client, at now: ContinuousClock.Instant
  ) -> SignInRefusal? {
    let pair = Pair(address: address, client: client)
    let run = runs[pair]
    let inARow = run.map { delay(after: $0.failures) - $0.lastAttempt.duration(to: now) } ?? .zero
    let overAll = isFamiliar(pair, at: now) ? .zero : addressRate.wait(addresses[address], at: now)
    let ofClient = clientRate.wait(clients[client], at: now)
    let ofAddress = max(inARow, overAll)
    if max(ofAddress, ofClient) > .zero {
      return ofAddress >= ofClient
        ? SignInRefusal(.address, wait: ofAddress) : SignInRefusal(.client, wait: ofClient)
    }
    runs[pair] = Run(failures: (run?.failures ?? 0) + 1, lastAttempt: now)
    clients[client] = clientRate.counting(clients[client], at: now)
    addresses[address] = addressRate.counting(addresses[address], at: now)
    return nil
  }

  /// Records that the password was right: the run of failures is over, and the network belongs to the address.
  package mutating func succeeded(_ address: String, from client: Client, at now: ContinuousClock.Instant) {
    let pair = Pair(address: address, client: client)
    runs[pair] = nil
    familiar[pair] = now
    takeBack(pair, at: now)
  }

  /// Takes an attempt back that a fault cut short, which says nothing about the password: the next may come at once.
  package mutating func withdrawn(_ address: String, from client: Client, at now: ContinuousClock.Instant) {
    let pair = Pair(address: address, client: client)
    if var run = runs[pair] {
      run.failures -= 1
      // The wait before the attempt was over; it is not to be waited for again.
      run.lastAttempt -= delay(after: run.failures)
      runs[pair] = run.failures > 0 ? run : nil
    }
    takeBack(pair, at: now)
  }

  /// The number of entries that are remembered, in all tables.
  package var count: Int { runs.count + clients.count + addresses.count + familiar.count }

  private mutating func takeBack(_ pair: Pair, at now: ContinuousClock.Instant) {
    clients[pair.client] = clientRate.takingBack(clients[pair.client], at: now)
    addresses[pair.address] = addressRate.takingBack(addresses[pair.address], at: now)
  }

  private func isFamiliar(_ pair: Pair, at now: ContinuousClock.Instant) -> Bool {
    familiar[pair].map { $0.duration(to: now) < familiarTime } ?? false
  }

  private func delay(after failures: Int) -> Duration {
    guard failures >= freeAttempts else { return .zero }
    let doublings = min(failures - freeAttempts, 30)
    return min(firstDelay * (1 << doublings), longestDelay)
  }
}
