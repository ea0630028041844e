import Testing
import TokenDomain

@Suite struct RevocationBarrierTests {
  private static let start = ContinuousClock.now
  private static let position = LogPosition(revision: 7, tag: 1)

  private static func time(_ milliseconds: Int) -> ContinuousClock.Instant {
    start + .milliseconds(milliseconds)
  }

  /// A barrier whose floor was raised 60 ms after the commit, while a lease of 2 s lagged.
  private static func waiting() -> RevocationBarrier {
    var barrier = RevocationBarrier(for: position, at: start)
    barrier.raisedFloor(longestLease: .seconds(2), at: time(60))
    return barrier
  }

  @Test("Leases are counted for 50 ms, then kept from being renewed")
  func patience() {
    let barrier = RevocationBarrier(for: Self.position, at: Self.start)
    #expect(barrier.revision == 7)
    #expect(!barrier.passed)
    #expect(barrier.deadline == Self.time(50))
    #expect(barrier.step(at: Self.time(0)) == .count)
    #expect(barrier.step(at: Self.time(49)) == .count)
    #expect(barrier.step(at: Self.time(50)) == .raiseFloor)
    // However late, the floor comes first.
    #expect(barrier.step(at: Self.time(60_000)) == .raiseFloor)
  }

  @Test("A change is answered once no lease lags, and not while one does")
  func counting() {
    var barrier = RevocationBarrier(for: Self.position, at: Self.start)
    barrier.counted(2)
    barrier.counted(1)
    #expect(!barrier.passed)
    #expect(barrier.step(at: Self.time(1)) == .count)
    barrier.counted(0)
    #expect(barrier.passed)
    #expect(barrier.step(at: Self.time(2)) == .answer)
    // What was counted before arrives late.
    barrier.counted(1)
    #expect(barrier.step(at: Self.time(60_000)) == .answer)
  }

  @Test("Leases that lag are removed once the longest of them has run out, counted from after the floor's commit")
  func removing() {
    var barrier = Self.waiting()
    #expect(barrier.deadline == Self.time(2_060))
    #expect(barrier.step(at: Self.time(60)) == .count)
    #expect(barrier.step(at: Self.time(2_059)) == .count)
    barrier.counted(1)
    #expect(barrier.step(at: Self.time(2_060)) == .removeLeases)
    #expect(!barrier.passed)
    barrier.removedLeases()
    #expect(barrier.passed)
    #expect(barrier.step(at: Self.time(2_061)) == .answer)
  }

  @Test("A lease that catches up while others are waited for ends the wait")
  func catchingUp() {
    var barrier = Self.waiting()
    barrier.counted(0)
    #expect(barrier.step(at: Self.time(100)) == .answer)
  }

  @Test("A floor that no lease lagged behind ends the wait")
  func nothingLags() {
    var barrier = RevocationBarrier(for: Self.position, at: Self.start)
    barrier.raisedFloor(longestLease: nil, at: Self.time(60))
    #expect(barrier.passed)
    #expect(barrier.step(at: Self.time(60)) == .answer)
  }
}
