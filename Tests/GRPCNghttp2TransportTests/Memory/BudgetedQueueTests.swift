import GRPCCore
import GRPCNghttp2Transport
import TestSupport
import Testing

/// What a stream's queue counts in its connection's budget, and until when.
@Suite(.timeLimit(.minutes(1))) struct BudgetedQueueTests {
  private let budget = ConnectionBudget(limit: 100_000, server: MemoryBudget(limit: 1 << 30, maxConnections: 100))

  private func message(_ count: Int, isCompressed: Bool = false) -> MessageDeframer.Message {
    MessageDeframer.Message(bytes: [UInt8](repeating: 7, count: count), isCompressed: isCompressed)
  }

  /// About `bytes`: allocations are rounded up, and the overhead of a message or two may come on top.
  private func holds(_ bytes: Int) -> Bool {
    (bytes...bytes + 600).contains(self.budget.heldBytes)
  }

  @Test("An ordinary small call counts nothing")
  func small() async throws {
    let queue = InboundQueue(windowBytes: 65_535, budget: self.budget)
    try queue.add([:], memory: 500)
    _ = try queue.add([self.message(2000)], receivedBytes: 2005, incompleteBytes: 0)
    #expect(self.budget.heldBytes == 0)
    _ = try await queue.next { _ in }
    _ = try await queue.next { _ in }
    queue.finish()
    #expect(self.budget.heldBytes == 0)
  }

  @Test("A message counts while it waits and while its reader has it, until the reader gets what follows")
  func untilNextPart() async throws {
    let queue = InboundQueue(windowBytes: 65_535, budget: self.budget)
    try queue.add([:], memory: 4096)
    _ = try queue.add([self.message(10_000), self.message(20_000)], receivedBytes: 30_010, incompleteBytes: 0)
    #expect(self.holds(30_000))
    _ = try await queue.next { _ in }
    #expect(self.holds(30_000))
    _ = try await queue.next { _ in }
    #expect(self.holds(30_000))
    _ = try await queue.next { _ in }
    #expect(self.holds(20_000))
    queue.finish()
    #expect(self.holds(20_000))
    #expect(try await queue.next { _ in } == nil)
    #expect(self.budget.heldBytes == 0)
  }

  @Test("A reader that waits for the end still has the message before it")
  func waitingReader() async throws {
    let queue = Holder(InboundQueue(windowBytes: 65_535, budget: self.budget))
    try queue.value.add([:], memory: 4096)
    _ = try queue.value.add([self.message(10_000)], receivedBytes: 10_005, incompleteBytes: 0)
    _ = try await queue.value.next { _ in }
    _ = try await queue.value.next { _ in }
    async let end = queue.value.next { _ in } == nil
    try await eventually(until: { queue.value.awaitsPeer })
    #expect(self.holds(10_000))
    queue.value.finish()
    #expect(try await end)
    #expect(self.budget.heldBytes == 0)
  }

  @Test("An incomplete message counts, and so do floods of empty ones")
  func incomplete() throws {
    let queue = InboundQueue(windowBytes: 65_535, budget: self.budget)
    try queue.add([:], memory: 4096)
    _ = try queue.add([], receivedBytes: 5000, incompleteBytes: 5000)
    #expect(self.budget.heldBytes == 5000)
    _ = try queue.add(
      [MessageDeframer.Message](repeating: self.message(0), count: 100), receivedBytes: 500, incompleteBytes: 0)
    #expect(self.budget.heldBytes >= 100 * 64)
    #expect(throws: RPCError.self) {
      try queue.add(
        [MessageDeframer.Message](repeating: self.message(0), count: 2000), receivedBytes: 10_000, incompleteBytes: 0)
    }
  }

  @Test("A message counts with its restored size once it is restored, and the room is asked for before")
  func restored() async throws {
    let queue = InboundQueue(windowBytes: 65_535, budget: self.budget)
    try queue.add([:], memory: 4096)
    _ = try queue.add([self.message(1000, isCompressed: true)], receivedBytes: 1005, incompleteBytes: 0)
    _ = try await queue.next { _ in }
    _ = try await queue.next { _ in }
    try queue.restoring(50_000)
    #expect(self.holds(51_000))
    queue.restored()
    #expect(self.budget.heldBytes == 50_000)
    #expect(throws: RPCError.self) { try queue.restoring(200_000) }
    queue.finish()
    #expect(try await queue.next { _ in } == nil)
    #expect(self.budget.heldBytes == 0)
  }

  @Test("A queue that fails drops the messages that wait, and its reader hears of it although the request had ended")
  func failure() async throws {
    let queue = InboundQueue(windowBytes: 65_535, budget: self.budget)
    try queue.add([:], memory: 4096)
    _ = try queue.add([self.message(10_000)], receivedBytes: 10_005, incompleteBytes: 0)
    queue.finish()
    queue.fail(RPCError(code: .cancelled, message: "Given up."))
    #expect(self.budget.heldBytes == 0)
    guard case .metadata? = try await queue.next(consumed: { _ in }) else {
      Issue.record("No metadata")
      return
    }
    let error = await rpcError { _ = try await queue.next { _ in } }
    #expect(error?.code == .cancelled)
  }

  @Test("A failure after everything was read changes nothing")
  func lateFailure() async throws {
    let queue = InboundQueue(windowBytes: 65_535, budget: self.budget)
    _ = try queue.add([self.message(10)], receivedBytes: 15, incompleteBytes: 0)
    queue.finish()
    _ = try await queue.next { _ in }
    queue.fail(RPCError(code: .cancelled, message: "Given up."))
    #expect(try await queue.next { _ in } == nil)
  }

  @Test("A queue that is gone counts nothing")
  func gone() throws {
    do {
      let queue = InboundQueue(windowBytes: 65_535, budget: self.budget)
      try queue.add([:], memory: 9096)
      _ = try queue.add([self.message(10_000)], receivedBytes: 10_005, incompleteBytes: 0)
      #expect(self.holds(15_000))
    }
    #expect(self.budget.heldBytes == 0)
  }

  /// Lets several tasks use a queue.
  private final class Holder: Sendable {
    let value: InboundQueue

    init(_ value: consuming InboundQueue) {
      self.value = value
    }
  }
}
