import Gateway
import Testing

@Suite struct RefusalPaceTests {
  @Test("After a quiet time a second's worth is answered at once, then one each interval, and none waits for long")
  func pace() {
    let pace = RefusalPace(rate: 10)
    let start = ContinuousClock.now + .seconds(60)
    #expect((0..<11).allSatisfy { _ in pace.delay(at: start) == .zero })
    #expect(pace.delay(at: start) == .milliseconds(100))
    #expect(pace.delay(at: start) == .milliseconds(200))
    #expect(pace.delay(at: start + .milliseconds(200)) == .milliseconds(100))
    for _ in 0..<1_000 { #expect(pace.delay(at: start) <= .seconds(1)) }
    #expect(pace.delay(at: start) == .seconds(1))
    #expect(pace.delay(at: start + .seconds(3)) == .zero)
  }

  @Test("Without a rate none waits")
  func unlimited() {
    let pace = RefusalPace(rate: 0)
    #expect((0..<1_000).allSatisfy { _ in pace.delay() == .zero })
  }
}
