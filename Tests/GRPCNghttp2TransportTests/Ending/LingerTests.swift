import GRPCNghttp2Transport
import HTTP2TestSupport
import NIOCore
import Testing

/// How long a socket stays open for its last bytes, on a clock of the test's own.
@Suite struct LingerTests {
  private static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

  /// When it is closed, if this is left at each second; `moved` changes it.
  private func closing(
    patience: Int64, end: Int64? = nil, limit: (at: Int64, to: Int64)? = nil,
    unsent: (Int64) -> Linger.Unsent
  ) -> Int64? {
    var linger = Linger(unsent(0), patience: .seconds(patience), end: end.map { Self.at($0) }, at: Self.at(0))
    for second in Int64(0)...1000 {
      if let limit, limit.at == second {
        linger.limit(to: Self.at(limit.to))
      }
      if linger.step(unsent(second), at: Self.at(second)) == .close { return second }
    }
    return nil
  }

  @Test("A peer that takes nothing is given the patience") func stalled() {
    #expect(closing(patience: 20) { _ in Linger.Unsent(queued: 7, unacknowledged: 9) } == 20)
    #expect(closing(patience: 20) { _ in Linger.Unsent() } == 20)
  }

  @Test("As long as bytes leave, whatever place they leave, the patience begins anew") func moving() {
    let leaving = closing(patience: 20) { Linger.Unsent(queued: max(0, 10 - Int($0) / 15)) }
    #expect(leaving == 170)
    let acknowledged = closing(patience: 20) { Linger.Unsent(queued: 4, unacknowledged: max(0, 10 - Int($0) / 15)) }
    #expect(acknowledged == 170)
    // The kernel takes bytes, of which it holds more for it.
    let taken = closing(patience: 20) {
      let rounds = min(10, Int($0) / 15)
      return Linger.Unsent(queued: 10 - rounds, unacknowledged: 2 * rounds)
    }
    #expect(taken == 170)
  }

  @Test("It ends at its end, however many bytes leave, and no later limit moves that") func end() {
    let leaving = { (second: Int64) in Linger.Unsent(queued: 1000 - Int(second)) }
    #expect(closing(patience: 20, end: 50, unsent: leaving) == 50)
    #expect(closing(patience: 20, limit: (at: 30, to: 70), unsent: leaving) == 70)
    #expect(closing(patience: 20, end: 50, limit: (at: 30, to: 70), unsent: leaving) == 50)
    #expect(closing(patience: 20, limit: (at: 30, to: 10), unsent: leaving) == 30)
  }

  @Test("It is looked at four times in the patience, and when it ends") func steps() {
    var linger = Linger(Linger.Unsent(queued: 1), patience: .seconds(20), end: Self.at(12), at: Self.at(0))
    #expect(linger.step(Linger.Unsent(queued: 1), at: Self.at(0)) == .wait(until: Self.at(5)))
    #expect(linger.step(Linger.Unsent(queued: 1), at: Self.at(5)) == .wait(until: Self.at(10)))
    #expect(linger.step(Linger.Unsent(queued: 1), at: Self.at(10)) == .wait(until: Self.at(12)))
    #expect(linger.step(Linger.Unsent(queued: 0), at: Self.at(12)) == .close)
  }
}
