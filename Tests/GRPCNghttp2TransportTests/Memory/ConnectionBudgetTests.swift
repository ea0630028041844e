import GRPCCore
import GRPCNghttp2Transport
import Testing

@Suite struct ConnectionBudgetTests {
  private static let step = ConnectionBudget.step

  private func refusal(_ body: () throws(RPCError) -> Void) -> RPCError? {
    do throws(RPCError) {
      try body()
      return nil
    } catch {
      return error
    }
  }

  @Test("A connection holds up to its limit; more is refused by name and not counted")
  func limit() throws {
    let budget = ConnectionBudget(limit: 1000, server: MemoryBudget(limit: 1 << 30, maxConnections: 100))
    try budget.take(600)
    try budget.take(400)
    let error = try #require(self.refusal { () throws(RPCError) in try budget.take(1) })
    #expect(error.code == .resourceExhausted)
    #expect(error.message.contains("1000 bytes") && error.message.contains("maxHeldBytesPerConnection"))
    #expect(budget.heldBytes == 1000)
    budget.give(400)
    try budget.take(300)
    #expect(budget.heldBytes == 900)
  }

  @Test("The server hears of whole steps, and of nothing in the end")
  func steps() throws {
    let server = MemoryBudget(limit: 1 << 30, maxConnections: 100)
    let budget = ConnectionBudget(limit: 1 << 30, server: server)
    try budget.take(Self.step - 1)
    #expect(server.heldBytes == 0)
    try budget.take(2)
    #expect(server.heldBytes == Self.step)
    try budget.take(5 * Self.step)
    #expect(server.heldBytes == 6 * Self.step)
    budget.give(2)
    #expect(server.heldBytes == 5 * Self.step)
    budget.give(6 * Self.step - 1)
    #expect(budget.heldBytes == 0)
    #expect(server.heldBytes == 0)
  }

  @Test("What many threads take and give adds up", .timeLimit(.minutes(1)))
  func threads() async throws {
    let server = MemoryBudget(limit: 1 << 40, maxConnections: 100)
    let budgets = (0..<3).map { _ in ConnectionBudget(limit: 1 << 40, server: server) }
    try await withThrowingTaskGroup { group in
      for seed in 0..<8 {
        group.addTask {
          var amounts: [Int] = []
          for round in 0..<2000 {
            amounts.append((round * 7919 + seed * 104_729) % (3 * Self.step))
            try budgets[round % 3].take(amounts[round])
          }
          for round in 0..<2000 { budgets[round % 3].give(amounts[round]) }
        }
      }
      try await group.waitForAll()
    }
    #expect(budgets.allSatisfy { $0.heldBytes == 0 })
    #expect(server.heldBytes == 0)
  }

  @Test("Beyond the server's limit a connection with more than its share is refused, and one with less is not")
  func fairShare() throws {
    let server = MemoryBudget(limit: 10 * Self.step, maxConnections: 100)
    let greedy = ConnectionBudget(limit: 1 << 30, server: server)
    let modest = ConnectionBudget(limit: 1 << 30, server: server)
    // Alone beyond the limit, and at most.
    try greedy.take(10 * Self.step)
    let error = try #require(self.refusal { () throws(RPCError) in try greedy.take(Self.step) })
    #expect(error.code == .resourceExhausted)
    #expect(error.message.contains("\(10 * Self.step) bytes") && error.message.contains("maxHeldBytes)"))
    #expect(greedy.heldBytes == 10 * Self.step)
    #expect(self.refusal { () throws(RPCError) in try greedy.checkShare() } == nil)
    // The other one has its half of the limit all the same.
    try modest.take(5 * Self.step)
    #expect(self.refusal { () throws(RPCError) in try modest.take(1) } != nil)
    #expect(self.refusal { () throws(RPCError) in try greedy.checkShare() } != nil)
    #expect(self.refusal { () throws(RPCError) in try modest.checkShare() } == nil)
    greedy.give(5 * Self.step)
    try greedy.checkShare()
  }

  @Test("However many connections come one after the other, all hold at most twice the server's limit together")
  func manyConnections() throws {
    let limit = 200 * Self.step
    let server = MemoryBudget(limit: limit, maxConnections: 100)
    var budgets: [ConnectionBudget] = []
    for _ in 0..<100 {
      let budget = ConnectionBudget(limit: limit, server: server)
      while self.refusal({ () throws(RPCError) in try budget.take(Self.step) }) == nil {}
      budgets.append(budget)
    }
    #expect(server.heldBytes > limit)
    #expect(server.heldBytes <= 2 * limit)
    // The last one has its least share.
    #expect(budgets[99].heldBytes == Self.step)
  }

  @Test("A connection that is gone takes no share")
  func goneConnections() throws {
    let server = MemoryBudget(limit: 2 * Self.step, maxConnections: 100)
    let budget = ConnectionBudget(limit: 1 << 30, server: server)
    do {
      let others = (0..<9).map { _ in ConnectionBudget(limit: 1 << 30, server: server) }
      try others[0].take(2 * Self.step)
      #expect(self.refusal { () throws(RPCError) in try budget.take(Self.step) } != nil)
      others[0].give(2 * Self.step)
    }
    try budget.take(2 * Self.step)
    #expect(budget.heldBytes == 2 * Self.step)
  }
}
