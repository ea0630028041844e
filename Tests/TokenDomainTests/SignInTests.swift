import Testing
import TokenDomain

@Suite struct EmailAddressTests {
  @Test(
    "An address has one @ with something on each side, and no spaces",
    arguments: [
      "a@b", "ada@example.com", "Ada.L+x@Example.COM", "ü@exämple.de", String(repeating: "a", count: 252) + "@b",
    ])
  func accepted(text: String) {
    #expect(EmailAddress(text)?.text == text)
  }

  @Test(
    "What breaks a rule is no address",
    arguments: [
      "", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b ", " a@b", "a@b\n", "a\0@b", "a@\u{A0}b", "a@b\u{7F}", "a@@b",
      String(repeating: "a", count: 253) + "@b",
    ])
  func refused(text: String) {
    #expect(EmailAddress(text) == nil)
  }

  @Test("Case alone tells no two addresses apart")
  func caseInsensitivity() {
    #expect(EmailAddress("Ada@Example.COM")?.key == EmailAddress("ada@example.com")?.key)
    #expect(EmailAddress("ÜBER@x.de")?.key == EmailAddress("über@x.de")?.key)
  }
}

@Suite struct SignInThrottleTests {
  private let start = ContinuousClock.now

  @Test("Ten failures cost nothing, then each waits twice as long, up to the longest")
  func delays() {
    var throttle = SignInThrottle()
    var now = start
    for _ in 0..<10 { #expect(throttle.attempt("a", at: now) == nil) }
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
      #expect(throttle.attempt("a", at: now) == .seconds(seconds))
      #expect(throttle.attempt("a", at: now + .seconds(seconds) - .milliseconds(1)) == .milliseconds(1))
      now += .seconds(seconds)
      #expect(throttle.attempt("a", at: now) == nil)
    }
  }

  @Test("A thousand failures do not overflow the delay")
  func manyFailures() {
    var throttle = SignInThrottle()
    var now = start
    for _ in 0..<1_000 {
      #expect(throttle.attempt("a", at: now) == nil)
      now += .seconds(60)
    }
    #expect(throttle.attempt("a", at: now - .seconds(60)) == .seconds(60))
  }

  @Test("A success ends the run of failures")
  func success() {
    var throttle = SignInThrottle()
    for _ in 0..<10 { _ = throttle.attempt("a", at: start) }
    throttle.succeeded("a")
    for _ in 0..<10 { #expect(throttle.attempt("a", at: start) == nil) }
    #expect(throttle.attempt("a", at: start) != nil)
  }

  @Test("An attempt that a fault cut short does not count")
  func withdrawal() {
    var throttle = SignInThrottle()
    for _ in 0..<100 {
      #expect(throttle.attempt("a", at: start) == nil)
      throttle.withdrawn("a")
    }
    #expect(throttle.count == 0)
  }

  @Test("Addresses do not wait for each other")
  func independence() {
    var throttle = SignInThrottle()
    for _ in 0..<11 { _ = throttle.attempt("a", at: start) }
    #expect(throttle.attempt("b", at: start) == nil)
  }

  @Test("No more addresses are remembered than the limit, the longest unused going first")
  func bound() {
    var throttle = SignInThrottle(freeAttempts: 1, capacity: 3)
    for (second, address) in ["a", "b", "c", "d"].enumerated() {
      #expect(throttle.attempt(address, at: start + .milliseconds(second)) == nil)
    }
    #expect(throttle.count == 3)
    #expect(throttle.attempt("d", at: start + .milliseconds(4)) != nil)
    #expect(throttle.attempt("a", at: start + .milliseconds(4)) == nil)
  }
}
