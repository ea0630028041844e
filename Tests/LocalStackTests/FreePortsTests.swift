import LocalStack
import Testing

@Suite struct FreePortsTests {
  @Test("A port that was picked is not picked again, although nothing listens on it yet") func reservation() throws {
    // A narrow range: without reservations the two would meet.
    let range: ClosedRange<UInt16> = 20_000...20_059
    let first = Set(try FreePorts.pick(20, in: range))
    let second = Set(try FreePorts.pick(20, in: range))
    #expect(first.count == 20)
    #expect(first.isDisjoint(with: second))
    #expect(first.union(second).allSatisfy { range.contains($0) })
  }
}
