import ServiceKit
import Testing
import TokenDomain
import VerifierServer

@Suite struct VerifierMetricsTests {
  @Test("Hits, misses, entries and the lease's age are told, each call once")
  func cache() async throws {
    let registry = PrometheusRegistry()
    let metrics = VerifierMetrics(factory: registry)
    let fixture = VerifierFixture(lease: nil)
    metrics.record(fixture.verifier)
    #expect(!registry.text().contains("verifier_lease_age_seconds 1"))
    let asked = ContinuousClock.now
    fixture.register(lease: .seconds(3_600), asked: asked)
    let secret = fixture.create()
    for _ in 0..<5 { _ = try await fixture.verify(secret) }
    let unknown = Secret(kind: .accessToken)
    for _ in 0..<2 { _ = try await fixture.verify(unknown) }
    for _ in 0..<2 { metrics.record(fixture.verifier, at: asked + .seconds(7)) }
    let lines = registry.text().split(separator: "\n")
    for line in [
      "verifier_cache_hits_total 5.0", "verifier_cache_misses_total 2.0", "verifier_lookups_total 2.0",
      "verifier_lookups_joined_total 0.0", "verifier_cache_entries{kind=\"credential\"} 1.0",
      "verifier_cache_entries{kind=\"unknown\"} 1.0", "verifier_lease_age_seconds 7.0",
    ] { #expect(lines.contains(Substring(line)), "\(line)") }
  }

  @Test("Revocations are counted, and timed from their coming to their being applied")
  func revocations() {
    let registry = PrometheusRegistry()
    let metrics = RevocationMetrics(factory: registry)
    let received = ContinuousClock.now
    metrics.record(3, received: received, applied: received + .milliseconds(2))
    metrics.record(0, received: received)
    let text = registry.text()
    #expect(text.contains("verifier_revocations_applied_total 3.0"))
    #expect(text.contains("verifier_revocation_delay_seconds_sum 0.002"))
    #expect(text.contains("verifier_revocation_delay_seconds_count 1"))
  }
}
