package import ServiceKit
import Synchronization
package import TokenDomain

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a verifier has looked up, its lease, and how far it has applied the revocation log.
///
/// Safe to use from any thread. Three rules make an answer good:
/// - The clock is read first, and the lease holds at that time: ``hasLease(at:)``.
/// - Only then the evidence is read: what ``find(_:at:)`` tells, or a look-up that ``admit(_:of:asked:)`` finds
///   ``RevocationLog/Standing/current``.
/// - What is found in the cache was judged when it entered, under the same lock under which the log is applied. What an
///   entry of the log names has left the cache when ``receive(_:for:)`` returns, so before it is acknowledged.
package final class VerifiedCredentials: Sendable {
  /// The setting of how many secrets of credentials are kept.
  package static let capacitySetting = Setting.integer(
    "cached-credentials", default: 1_000_000, in: 1_000...100_000_000,
    help: "The most credentials that are kept in memory, of about 130 bytes each.")

  /// Enough that calls on all cores seldom want the same one.
  private static let shardCount = 64
  /// Unknown secrets that are kept for each that is known.
  private static let unknownShare = 1.0 / 16
  /// How long an unknown secret is kept.
  private static let unknownLifetime = Duration.seconds(60)

  struct State: Sendable {
    var registration = VerifierRegistration()
    /// When the question for the last lease was asked.
    var leaseAsked: ContinuousClock.Instant?
    var registrationAsked: ContinuousClock.Instant?
  }

  private struct Shard {
    var cache: CredentialCache
    var hits = 0
  }

  /// A class, because a lock does not move.
  private final class LockedShard: Sendable {
    let shard: Mutex<Shard>

    init(_ cache: CredentialCache) { shard = Mutex(Shard(cache: cache)) }
  }

  private let seed = IndexSeed()
  private let shards: [LockedShard]
  /// Held while an entry of the log is applied and while a look-up is judged and enters the cache, so around a shard's
  /// lock and never within one.
  private let state = Mutex(State())
  private let leaseEndTicks = Atomic(ClockTicks.distantPast.count)
  private let wallClock: @Sendable () -> Double
  /// The lease was extended, or lost.
  let leaseChanges = ChangeSignal()
  /// More of the log was applied, or another log is followed.
  let logChanges = ChangeSignal()

  /// Makes an empty cache without a lease.
  ///
  /// - Parameters:
  ///   - capacity: The most secrets of credentials.
  ///   - wallClock: The seconds since 1970, by which days of use are told apart.
  package init(
    capacity: Int, wallClock: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
  ) {
    let capacity = max(capacity / Self.shardCount, 1)
    let unknownCapacity = max(Int(Double(capacity) * Self.unknownShare), 16)
    shards = (0..<Self.shardCount).map { [seed] _ in
      LockedShard(CredentialCache(capacity: capacity, unknownCapacity: unknownCapacity, seed: seed))
    }
    self.wallClock = wallClock
  }

  // MARK: - Verification

  /// Whether an answer may be given by evidence that is read after this, `now` having been read before.
  package func hasLease(at now: ClockTicks) -> Bool {
    now.count < leaseEndTicks.load(ordering: .acquiring)
  }

  /// What the cache knows of a secret. A credential whose use is to be reported is to be looked up again.
  package func find(_ hash: SecretHash, at now: ClockTicks) -> CredentialCache.Finding {
    shard(of: hash).shard.withLock { shard in
      let finding = shard.cache.find(hash, at: now)
      switch finding {
      case .known(let credential): if now < credential.useReportedUntil { shard.hits += 1 }
      case .unknown: shard.hits += 1
      case .nothing: break
      }
      return finding
    }
  }

  /// Judges a look-up. One that counts enters the cache.
  ///
  /// - Parameter asked: The time before its question.
  package func admit(
    _ lookup: CredentialLookup, of hash: SecretHash, asked: ContinuousClock.Instant
  ) -> RevocationLog.Standing {
    state.withLock { state in
      let standing = state.registration.standing(of: lookup.credential?.identity, readAt: lookup.position)
      if standing == .current { keep(lookup.credential, of: hash, asked: asked) }
      return standing
    }
  }

  private func keep(_ credential: Credential?, of hash: SecretHash, asked: ContinuousClock.Instant) {
    shard(of: hash).shard.withLock { shard in
      guard let credential else {
        shard.cache.insertUnknown(hash, until: ClockTicks(asked + Self.unknownLifetime))
        return
      }
      let cached = CachedCredential(
        credential, asked: asked, useReportedUntil: useReportedUntil(credential.principal.kind, asked))
      if let cached { shard.cache.insert(cached, for: hash) }
    }
  }

  /// The end of the day (UTC) of a look-up, which reports the use of an access token.
  private func useReportedUntil(_ kind: SecretKind, _ asked: ContinuousClock.Instant) -> ClockTicks {
    guard kind == .accessToken else { return .distantFuture }
    let day = 86_400.0
    return ClockTicks(asked + .seconds(day - wallClock().truncatingRemainder(dividingBy: day)))
  }

  private func shard(of hash: SecretHash) -> LockedShard {
    shards[Int(seed.place(of: hash) >> 58)]
  }

  // MARK: - Registration

  /// Changes the registration, forgets what has to be forgotten before anybody can know of the change, and publishes
  /// the lease's end.
  func change<Result: Sendable>(
    _ body: (inout State, _ forget: (Revocation.Subject) -> Void) -> sending Result
  ) -> Result {
    state.withLock { state in
      defer {
        let end = state.registration.leaseEnd.map { ClockTicks($0) } ?? .distantPast
        leaseEndTicks.store(end.count, ordering: .releasing)
      }
      return body(&state) { subject in
        for shard in shards { shard.shard.withLock { $0.cache.forget(subject) } }
      }
    }
  }

  /// Reads the registration.
  func read<Result>(_ body: (State) -> sending Result) -> Result {
    state.withLock { body($0) }
  }

  /// What is cached, and how often an answer was found there.
  package var usage: (known: Int, unknown: Int, hits: Int) {
    shards.reduce((0, 0, 0)) { sum, shard in
      shard.shard.withLock { (sum.0 + $0.cache.count, sum.1 + $0.cache.unknownCount, sum.2 + $0.hits) }
    }
  }
}
