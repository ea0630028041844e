import Testing
import TokenDomain

@Suite struct CachedCredentialTests {
  private let asked = ContinuousClock.now

  @Test("What is cached judges every request as the credential itself would, at every time")
  func outcomes() throws {
    let lifetimes: [Duration?] = [nil, .seconds(10), .zero, .seconds(-1)]
    for kind in SecretKind.allCases {
      for presented in SecretKind.allCases {
        for permissions in [[], [.ingest], [.predict], [.ingest, .predict]] as [Set<Permission>] {
          for required in [nil, .ingest, .predict] as [Permission?] {
            for state in [Credential.State.active, .stopped] {
              for lifetime in lifetimes {
                for passed in [Duration.zero, .seconds(9), .seconds(10), .seconds(11)] {
                  let principal = Principal(
                    accountID: "acct_1", credentialID: "tok_1", kind: kind, permissions: permissions)
                  let credential = Credential(
                    principal, state: state, remainingLifetime: lifetime.map { $0 - passed })
                  let cached = try #require(
                    CachedCredential(
                      Credential(principal, state: state, remainingLifetime: lifetime), asked: asked,
                      useReportedUntil: .distantFuture))
                  let outcome = cached.outcome(
                    presentedAs: presented, permission: required, at: ClockTicks(asked + passed))
                  #expect(
                    cached.verdict(outcome)
                      == Verdict(found: credential, presentedAs: presented, permission: required))
                }
              }
            }
          }
        }
      }
    }
  }

  @Test("A refusal because the credential is stopped is told from one because it has expired")
  func reasons() throws {
    let stopped = try #require(CachedCredential.test("tok_1", of: "acct_1", state: .stopped, lifetime: .seconds(10)))
    #expect(stopped.outcome(presentedAs: .accessToken, permission: nil, at: ClockTicks(.now)) == .stopped)
    #expect(
      stopped.outcome(presentedAs: .accessToken, permission: nil, at: ClockTicks(.now + .seconds(11))) == .unusable)
    #expect(stopped.outcome(presentedAs: .dashboardSession, permission: nil, at: ClockTicks(.now)) == .unusable)
  }
}

@Suite struct InlineTextTests {
  @Test("A text of 1 to 31 bytes is kept, any other is not")
  func lengths() {
    for count in 0...40 {
      let text = String(repeating: "a", count: count)
      #expect(InlineText(text)?.string == ((1...31).contains(count) ? text : nil))
      #expect(InlineText(text).map(\.count) == ((1...31).contains(count) ? count : nil))
    }
    #expect(InlineText(String(repeating: "ü", count: 15))?.string == String(repeating: "ü", count: 15))
    #expect(InlineText(String(repeating: "ü", count: 16)) == nil)
  }

  @Test("Texts are equal when all their bytes are")
  func equality() throws {
    let texts = ["a", "b", "aa", "a\0", "\0", String(repeating: "x", count: 31), String(repeating: "x", count: 30)]
    for one in texts {
      for other in texts {
        let (left, right) = (try #require(InlineText(one)), try #require(InlineText(other)))
        #expect((left == right) == (one == other))
      }
    }
    #expect(Set(texts.map { InlineText($0) }).count == texts.count)
  }
}

@Suite struct ClockTicksTests {
  @Test("Times keep their order, to a few nanoseconds, and centuries fit")
  func order() {
    let now = ContinuousClock.now
    #expect(ClockTicks(now) < ClockTicks(now + .nanoseconds(3)))
    #expect(ClockTicks(now - .nanoseconds(3)) < ClockTicks(now))
    #expect(ClockTicks(now) == ClockTicks(now))
    #expect(ClockTicks(now + .seconds(200 * 365 * 86_400)) < .distantFuture)
    #expect(ClockTicks.distantPast < ClockTicks(now - .seconds(200 * 365 * 86_400)))
    #expect(ClockTicks(now + .seconds(Int64.max)) == .distantFuture)
  }

  @Test("A time that is earlier by the count is earlier")
  func soundness() {
    let now = ContinuousClock.now
    for attoseconds in stride(from: Int64(0), to: 5_000_000_000, by: 77_777_777) {
      let later = now + Duration(secondsComponent: 0, attosecondsComponent: attoseconds)
      #expect(ClockTicks(now) < ClockTicks(later) || attoseconds < 2 << 30)
      #expect(!(ClockTicks(later) < ClockTicks(now)))
    }
  }
}
