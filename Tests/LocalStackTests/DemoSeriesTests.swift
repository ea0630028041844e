import LocalStack
import Testing

@Suite("The demo series")
struct DemoSeriesTests {
  private let now: Int64 = 1_780_000_123

  @Test("It has a row for every hour of 90 days, up to the current hour")
  func hours() {
    let rows = DemoSeries.rows(until: now)
    #expect(rows.count == 90 * 24 + 1)
    #expect(rows.last?.timestamp == now / 3_600 * 3_600)
    #expect(zip(rows, rows.dropFirst()).allSatisfy { $1.timestamp - $0.timestamp == 3_600 })
  }

  @Test("A later start changes no hour that was there before")
  func deterministic() {
    let early = DemoSeries.rows(until: now)
    let late = DemoSeries.rows(until: now + 86_400)
    #expect(early.dropFirst(24).map(\.orders) == late.dropLast(24).map(\.orders))
  }

  @Test("It counts orders: whole numbers, more in the evening than at night and on Saturday than on Monday")
  func shape() {
    let rows = DemoSeries.rows(until: now)
    #expect(rows.allSatisfy { $0.orders >= 0 && $0.orders == $0.orders.rounded() })
    func mean(_ matches: (Int64) -> Bool) -> Double {
      let chosen = rows.filter { matches($0.timestamp / 3_600) }.map(\.orders)
      return chosen.reduce(0, +) / Double(chosen.count)
    }
    #expect(mean { $0 % 24 == 19 } > 2 * mean { $0 % 24 == 4 })
    // Counted from Monday: 1 January 1970 was a Thursday.
    #expect(mean { ($0 / 24 + 3) % 7 == 5 } > 1.2 * mean { ($0 / 24 + 3) % 7 == 0 })
  }
}
