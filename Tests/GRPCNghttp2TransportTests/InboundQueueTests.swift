import GRPCNghttp2Transport
import Testing

@Suite struct InboundQueueTests {
  /// What a reader gave back.
  final class Credit {
    var bytes = 0
  }

  @Test("A reader gives back what it takes, be a part there at its first look, at its second or later")
  func credit() async throws {
    let queue = InboundQueue<Int>(windowBytes: 100)
    let credit = Credit()
    // An empty message's part, so that there is one to read before the reader waits.
    #expect(queue.add([(1, 100)], receivedBytes: 100) == 0)
    #expect(try await queue.next { credit.bytes += $0 } == 1)
    #expect(credit.bytes == 100)
    // As if it came between the two looks.
    #expect(queue.add([(2, 100)], receivedBytes: 100) == 0)
    #expect(try await queue.wait { credit.bytes += $0 } == 2)
    #expect(credit.bytes == 200)
  }

  @Test("While several parts wait only what is read is given back, and the rest with the last")
  func waitingParts() async throws {
    let queue = InboundQueue<Int>(windowBytes: 100)
    let credit = Credit()
    #expect(queue.add([(1, 40), (2, 40)], receivedBytes: 100) == 0)
    _ = try await queue.next { credit.bytes += $0 }
    #expect(credit.bytes == 40)
    _ = try await queue.next { credit.bytes += $0 }
    #expect(credit.bytes == 100)
  }
}
