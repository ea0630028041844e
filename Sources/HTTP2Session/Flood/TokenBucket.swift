/// Lets so many things happen at once, and then so many more each whole second.
///
/// A class, because the size of an instant is known at run time only, and so would be that of whatever has a bucket in
/// it.
package final class TokenBucket {
  private var tokens: UInt64
  /// Up to when the bucket was filled; nil before anything has happened.
  private var filledAt: ContinuousClock.Instant?
  private let burst: UInt64
  private let perSecond: UInt64

  /// Creates a full bucket.
  package init(burst: UInt32, perSecond: UInt32) {
    self.burst = UInt64(burst)
    self.perSecond = UInt64(perSecond)
    self.tokens = self.burst
  }

  /// Takes a token; false when there is none.
  package func take(at now: ContinuousClock.Instant) -> Bool {
    self.fill(at: now)
    guard self.tokens > 0 else { return false }
    self.tokens -= 1
    return true
  }

  private func fill(at now: ContinuousClock.Instant) {
    guard let filledAt = self.filledAt else {
      self.filledAt = now
      return
    }
    let seconds = filledAt.duration(to: now).components.seconds
    guard seconds > 0 else { return }
    // As many seconds as the burst fill the bucket already, and can't overflow.
    self.tokens = min(self.burst, self.tokens + self.perSecond * min(UInt64(seconds), self.burst))
    self.filledAt = filledAt.advanced(by: .seconds(seconds))
  }
}
