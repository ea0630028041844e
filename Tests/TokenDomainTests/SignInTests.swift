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

  @Test("The length of an address is that of its composed form")
  func length() {
    #expect(EmailAddress(String(repeating: "e\u{301}", count: 126) + "@b") != nil)
    #expect(EmailAddress(String(repeating: "e\u{301}", count: 127) + "@b") == nil)
    #expect(EmailAddress(String(repeating: "\u{301}", count: 1_000_000) + "@b") == nil)
  }

  @Test(
    "The composition of the same characters tells no two addresses apart",
    arguments: [
      ("\u{E5}sa@ex\u{E4}mple.de", "A\u{30A}sa@exa\u{308}mple.de"), ("\u{212B}@x", "\u{E5}@x"),
      ("J\u{30C}@x", "\u{1F0}@x"), ("q\u{323}\u{307}@x", "Q\u{307}\u{323}@x"),
    ])
  func composition(one: String, other: String) throws {
    let (one, other) = (try #require(EmailAddress(one)), try #require(EmailAddress(other)))
    #expect(Array(one.key.utf8) == Array(other.key.utf8))
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

  @Test("After an attempt that a fault cut short the next one waits no longer than that one did")
  func withdrawalAfterWaiting() {
    var throttle = SignInThrottle()
    for _ in 0..<12 { _ = throttle.attempt("a", at: start + .seconds(60)) }
    let now = start + .seconds(61)
    for _ in 0..<3 {
      #expect(throttle.attempt("a", at: now) == nil)
      throttle.withdrawn("a")
    }
    #expect(throttle.attempt("a", at: now) == nil)
    #expect(throttle.attempt("a", at: now) == .seconds(2))
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
