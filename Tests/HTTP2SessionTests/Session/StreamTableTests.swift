import HTTP2Session
import Testing

@Suite struct StreamTableTests {
  @Test("It holds what a dictionary would, whatever comes and goes", arguments: 0..<20)
  func model(seed: UInt64) {
    var random = SplitMix64(state: seed)
    var table = StreamTable<Int>()
    var model: [Int32: Int] = [:]
    // The next ids are always new, some live for ever, and chosen ones collide.
    for step in 0..<3000 {
      let id =
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Int32.random(in: 0..<20, using: &random) * 2048 + 1
        case 1: model.keys.randomElement(using: &random) ?? 1
        default: Int32(step * 2 + 1)
        }
      switch Int.random(in: 0..<5, using: &random) {
      case 0, 1:
        table[id] = step
        model[id] = step
      case 2:
        #expect(table.modify(id) { $0 += 1 } == nil ? model[id] == nil : true)
        if let value = model[id] { model[id] = value + 1 }
      default:
        #expect(table.removeValue(forKey: id) == model.removeValue(forKey: id))
      }
      #expect(table.count == model.count)
      #expect(table[id] == model[id])
    }
    for (id, value) in model {
      #expect(table[id] == value)
    }
    #expect(table.values.sorted() == model.values.sorted())
    for id in model.keys {
      table[id] = nil
    }
    #expect(table.isEmpty)
    #expect(table.values.isEmpty)
  }
}
