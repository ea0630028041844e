import HTTP2Session
import Testing

@Suite struct TokenBucketTests {
  private let start = ContinuousClock.now

  @Test("A full bucket gives its burst at once, and no more")
  func burst() {
    for burst: UInt32 in [0, 1, 5] {
      let bucket = TokenBucket(burst: burst, perSecond: 100)
      #expect(self.taken(from: bucket, after: .zero) == burst)
      #expect(self.taken(from: bucket, after: .milliseconds(999)) == 0)
    }
  }

  @Test("Each whole second adds tokens, up to the burst")
  func seconds() {
    let bucket = TokenBucket(burst: 10, perSecond: 3)
    #expect(self.taken(from: bucket, after: .zero) == 10)
    #expect(self.taken(from: bucket, after: .milliseconds(1900)) == 3)
    // The rest of the second isn't lost.
    #expect(self.taken(from: bucket, after: .milliseconds(2000)) == 3)
    #expect(self.taken(from: bucket, after: .milliseconds(5000)) == 9)
    #expect(self.taken(from: bucket, after: .seconds(1_000_000)) == 10)
  }

  @Test("A clock that goes back adds nothing")
  func back() {
    let bucket = TokenBucket(burst: 1, perSecond: 1)
    #expect(self.taken(from: bucket, after: .seconds(10)) == 1)
    #expect(self.taken(from: bucket, after: .zero) == 0)
    #expect(self.taken(from: bucket, after: .seconds(11)) == 1)
  }

  @Test("The largest bucket fills without overflow")
  func largest() {
    let bucket = TokenBucket(burst: .max, perSecond: .max)
    #expect(bucket.take(at: self.start) == true)
    #expect(bucket.take(at: self.start + .seconds(Int64(1) << 40)) == true)
  }

  @Test("A bucket that nothing fills stays empty")
  func neverFilled() {
    let bucket = TokenBucket(burst: 2, perSecond: 0)
    #expect(self.taken(from: bucket, after: .zero) == 2)
    #expect(self.taken(from: bucket, after: .seconds(1000)) == 0)
  }

  /// Empties the bucket.
  private func taken(from bucket: TokenBucket, after time: Duration) -> UInt32 {
    var count: UInt32 = 0
    while bucket.take(at: self.start + time) { count += 1 }
    return count
  }
}
