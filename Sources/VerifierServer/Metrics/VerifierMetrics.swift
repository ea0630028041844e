package import Metrics
import Synchronization

/// What an operator sees of the cache and the lease.
///
/// The parts count by themselves, at almost no cost; ``record(_:at:)`` hands on what they have counted.
package final class VerifierMetrics: Sendable {
  private struct Counted {
    var hits = 0
    var begun = 0
    var joined = 0
  }

  private let hits: Counter
  private let misses: Counter
  private let lookups: Counter
  private let joined: Counter
  private let known: Gauge
  private let unknown: Gauge
  private let leaseAge: Gauge
  private let counted = Mutex(Counted())

  /// Makes the metrics.
  package init(factory: any MetricsFactory = MetricsSystem.factory) {
    hits = Counter(label: "verifier_cache_hits_total", factory: factory)
    misses = Counter(label: "verifier_cache_misses_total", factory: factory)
    lookups = Counter(label: "verifier_lookups_total", factory: factory)
    joined = Counter(label: "verifier_lookups_joined_total", factory: factory)
    known = Gauge(label: "verifier_cache_entries", dimensions: [("kind", "credential")], factory: factory)
    unknown = Gauge(label: "verifier_cache_entries", dimensions: [("kind", "unknown")], factory: factory)
    leaseAge = Gauge(label: "verifier_lease_age_seconds", factory: factory)
  }

  /// Hands on what was counted since the last time, and how old the lease is: as long as it is renewed, younger than it
  /// is long.
  package func record(_ verifier: CachingVerifier, at now: ContinuousClock.Instant = .now) {
    let usage = verifier.credentials.usage
    let total = Counted(hits: usage.hits, begun: verifier.lookups.begun, joined: verifier.lookups.joined)
    let new = counted.withLock { counted in
      defer { counted = total }
      return Counted(
        hits: total.hits - counted.hits, begun: total.begun - counted.begun, joined: total.joined - counted.joined)
    }
    hits.increment(by: new.hits)
    misses.increment(by: new.begun + new.joined)
    lookups.increment(by: new.begun)
    joined.increment(by: new.joined)
    known.record(usage.known)
    unknown.record(usage.unknown)
    if let asked = verifier.credentials.leaseAsked { leaseAge.record(asked.duration(to: now) / .seconds(1)) }
  }
}
