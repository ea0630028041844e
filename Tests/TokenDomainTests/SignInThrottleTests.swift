import Testing
import TokenDomain

@Suite struct SignInThrottleTests {
  private let start = ContinuousClock.now

  @Test("Ten failures cost nothing, then each waits twice as long, up to the longest")
  func delays() {
    var throttle = SignInThrottle<Int>()
    var now = start
    for _ in 0..<10 { #expect(throttle.attempt("a", from: 1, at: now) == nil) }
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
      #expect(throttle.attempt("a", from: 1, at: now) == SignInRefusal(.address, wait: .seconds(seconds)))
      let early = now + .seconds(seconds) - .milliseconds(1)
      #expect(throttle.attempt("a", from: 1, at: early) == SignInRefusal(.address, wait: .milliseconds(1)))
      now += .seconds(seconds)
      #expect(throttle.attempt("a", from: 1, at: now) == nil)
    }
  }

  @Test("A thousand failures do not overflow the delay")
  func manyFailures() {
    var throttle = SignInThrottle<Int>()
    var now = start
    for _ in 0..<1_000 {
      #expect(throttle.attempt("a", from: 1, at: now) == nil)
      now += .seconds(60)
    }
    #expect(throttle.attempt("a", from: 1, at: now - .seconds(60)) == SignInRefusal(.address, wait: .seconds(60)))
  }

  @Test("A success ends the run of failures")
  func success() {
    var throttle = SignInThrottle<Int>()
    for _ in 0..<10 { _ = throttle.attempt("a", from: 1, at: start) }
    throttle.succeeded("a", from: 1, at: start)
    for _ in 0..<10 { #expect(throttle.attempt("a", from: 1, at: start) == nil) }
    #expect(throttle.attempt("a", from: 1, at: start) != nil)
  }

  @Test("An attempt that a fault cut short does not count")
  func withdrawal() {
    var throttle = SignInThrottle<Int>()
    for _ in 0..<1_000 {
      #expect(throttle.attempt("a", from: 1, at: start) == nil)
      throttle.withdrawn("a", from: 1, at: start)
    }
    #expect(throttle.count == 0)
  }

  @Test("After an attempt that a fault cut short the next one waits no longer than that one did")
  func withdrawalAfterWaiting() {
    var throttle = SignInThrottle<Int>()
    for _ in 0..<12 { _ = throttle.attempt("a", from: 1, at: start + .seconds(60)) }
    let now = start + .seconds(61)
    for _ in 0..<3 {
      #expect(throttle.attempt("a", from: 1, at: now) == nil)
      throttle.withdrawn("a", from: 1, at: now)
    }
    #expect(throttle.attempt("a", from: 1, at: now) == nil)
    #expect(throttle.attempt("a", from: 1, at: now) == SignInRefusal(.address, wait: .seconds(2)))
  }

  @Test("Neither addresses nor networks wait for each other")
  func independence() {
    var throttle = SignInThrottle<Int>()
    for _ in 0..<11 { _ = throttle.attempt("a", from: 1, at: start) }
    #expect(throttle.attempt("a", from: 1, at: start) != nil)
    #expect(throttle.attempt("b", from: 1, at: start) == nil)
    #expect(throttle.attempt("a", from: 2, at: start) == nil)
  }

  @Test("A network that fails at many addresses has to wait at every one, and others do not")
  func spraying() {
    var throttle = SignInThrottle<Int>()
    for number in 0..<100 { #expect(throttle.attempt("\(number)", from: 1, at: start) == nil) }
    #expect(throttle.attempt("a", from: 1, at: start) == SignInRefusal(.client, wait: .seconds(6)))
    #expect(throttle.attempt("a", from: 2, at: start) == nil)
    #expect(throttle.attempt("a", from: 1, at: start + .seconds(6)) == nil)
    #expect(throttle.attempt("b", from: 1, at: start + .seconds(6)) == SignInRefusal(.client, wait: .seconds(6)))
  }

  @Test("Signing in to one's own account frees no attempt at others'")
  func ownAccount() {
    var throttle = SignInThrottle<Int>()
    var guesses = 0
    for number in 0..<1_000 {
      if throttle.attempt("own", from: 1, at: start) == nil { throttle.succeeded("own", from: 1, at: start) }
      if throttle.attempt("\(number)", from: 1, at: start) == nil { guesses += 1 }
    }
    #expect(guesses == 100)
  }

  @Test("Clients whose network is unknown are one")
  func unknownNetwork() {
    var throttle = SignInThrottle<Int?>()
    for _ in 0..<10 { #expect(throttle.attempt("a", from: nil, at: start) == nil) }
    #expect(throttle.attempt("a", from: nil, at: start) != nil)
    #expect(throttle.attempt("a", from: 1, at: start) == nil)
  }

  @Test("No table grows over its limit")
  func bound() {
    var throttle = SignInThrottle<Int>(capacity: 100)
    for number in 0..<1_000 {
      #expect(throttle.attempt("\(number)", from: number, at: start) == nil)
      if number.isMultiple(of: 2) { throttle.succeeded("\(number)", from: number, at: start) }
      #expect(throttle.count <= 400)
    }
  }

  @Test("What was tried lately is remembered, and what succeeded is forgotten, among many others", arguments: 0..<60)
  func memory(before: Int) {
    var throttle = SignInThrottle<Int>(freeAttempts: 1, capacity: 100)
    func tryOthers(_ numbers: Range<Int>) {
      for number in numbers { #expect(throttle.attempt("\(number)", from: number, at: start) == nil) }
    }
    tryOthers(0..<before)
    #expect(throttle.attempt("a", from: -1, at: start) == nil)
    tryOthers(100..<149)
    #expect(throttle.attempt("a", from: -1, at: start) != nil)
    throttle.succeeded("a", from: -1, at: start)
    #expect(throttle.attempt("a", from: -1, at: start) == nil)
  }
}

@Suite struct SignInAttackTests {
  private let start = ContinuousClock.now

  /// Has networks try an address as often as they may, each second.
  ///
  /// - Parameter observe: Called each second, before the attackers.
  /// - Returns: How many attempts were let through.
  private func attack(
    from networks: Range<Int>, for seconds: Int, _ throttle: inout SignInThrottle<Int>,
    observe: (inout SignInThrottle<Int>, ContinuousClock.Instant) -> Void = { _, _ in }
  ) -> Int {
    var count = 0
    for second in 0..<seconds {
      let now = start + .seconds(second)
      observe(&throttle, now)
      for network in networks {
        while throttle.attempt("ada", from: network, at: now) == nil { count += 1 }
      }
    }
    return count
  }

  @Test("Attackers in up to four networks keep the owner out of none, not even of one that was never seen")
  func fewNetworks() {
    for networks in [1..<2, 1..<5] {
      var throttle = SignInThrottle<Int>()
      var refused = 0
      var newNetwork = 1_000
      let count = attack(from: networks, for: 6 * 3_600, &throttle) { throttle, now in
        newNetwork += 1
        if throttle.attempt("ada", from: newNetwork, at: now) == nil {
          // It does not become familiar: what is asked is whether it gets in at all.
          throttle.withdrawn("ada", from: newNetwork, at: now)
        } else {
          refused += 1
        }
      }
      #expect(refused == 0)
      #expect(count <= networks.count * (10 + 6 + 6 * 60))
    }
  }

  @Test("Attackers in many networks are limited together, and a network that has signed in gets in all the time")
  func manyNetworks() {
    var throttle = SignInThrottle<Int>()
    #expect(throttle.attempt("ada", from: 0, at: start) == nil)
    throttle.succeeded("ada", from: 0, at: start)
    var refusedAtHome = 0
    var refusedElsewhere = 0
    let seconds = 2 * 3_600
    let count = attack(from: 1..<300, for: seconds, &throttle) { throttle, now in
      if throttle.attempt("ada", from: 0, at: now) == nil {
        throttle.succeeded("ada", from: 0, at: now)
      } else {
        refusedAtHome += 1
      }
      if throttle.attempt("ada", from: 1_000, at: now) != nil { refusedElsewhere += 1 }
    }
    #expect(refusedAtHome == 0)
    #expect(count <= 200 + seconds / 15)
    #expect(count >= 200)
    // The limit is there: it is the success before that lets the owner in.
    #expect(refusedElsewhere > seconds / 2)
  }

  @Test("Whoever shares the owner's network guesses once a minute at most")
  func sharedNetwork() {
    var throttle = SignInThrottle<Int>()
    _ = throttle.attempt("ada", from: 0, at: start)
    throttle.succeeded("ada", from: 0, at: start)
    let count = attack(from: 0..<1, for: 3_600, &throttle)
    #expect(count <= 10 + 6 + 60)
  }

  @Test("A success is remembered for thirty days")
  func familiarity() {
    var throttle = SignInThrottle<Int>()
    _ = throttle.attempt("ada", from: 0, at: start)
    throttle.succeeded("ada", from: 0, at: start)
    func isLetIn(after time: Duration) -> Bool {
      var throttle = throttle
      let now = start + time
      for network in 1...200 { _ = throttle.attempt("ada", from: network, at: now) }
      return throttle.attempt("ada", from: 0, at: now) == nil
    }
    #expect(isLetIn(after: .seconds(30 * 86_400 - 1)))
    #expect(!isLetIn(after: .seconds(30 * 86_400)))
  }
}
