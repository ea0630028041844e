import LocalStack
import Testing

@Suite struct FreePortsTests {
  @Test("A port that was picked is not picked again, although nothing listens on it yet") func reservation() throws {
    let first = Set(try FreePorts.pick(400))
    let second = Set(try FreePorts.pick(400))
    #expect(first.count == 400)
    #expect(first.isDisjoint(with: second))
    #expect(first.union(second).allSatisfy { FreePorts.range.contains($0) })
  }
}
