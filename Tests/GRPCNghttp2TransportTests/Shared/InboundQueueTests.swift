import GRPCNghttp2Transport
import Testing

@Suite struct InboundQueueTests {
  /// What a reader gave back.
  final class Credit {
    var bytes = 0
  }

  /// Messages that take as many payload bytes as the sizes say, their prefixes among them.
  private func messages(_ sizes: Int...) throws -> [MessageDeframer.Message] {
    var deframer = MessageDeframer(limit: 1000)
    var messages: [MessageDeframer.Message] = []
    for size in sizes {
      let message = [UInt8](repeating: 7, count: size - MessageFraming.prefixLength)
      try MessageFraming.frame(message, limit: 1000).withUnsafeBytes { try deframer.append($0, to: &messages) }
    }
    return messages
  }

  private func size(of part: InboundPart?) throws -> Int {
    guard case .message(let bytes, isCompressed: false) = part else {
      throw UnexpectedPart()
    }
    return bytes.count + MessageFraming.prefixLength
  }

  private struct UnexpectedPart: Error {}

  @Test("A reader gives back what it takes, be a part there at its first look, at its second or later")
  func credit() async throws {
    let queue = InboundQueue(windowBytes: 100)
    let credit = Credit()
    #expect(queue.add(try self.messages(100), receivedBytes: 100) == 0)
    #expect(try self.size(of: await queue.next { credit.bytes += $0 }) == 100)
    #expect(credit.bytes == 100)
    // As if it came between the two looks.
    #expect(queue.add(try self.messages(90), receivedBytes: 90) == 0)
    #expect(try self.size(of: await queue.wait { credit.bytes += $0 }) == 90)
    #expect(credit.bytes == 190)
  }

  @Test("While several parts wait only what is read is given back, and the rest with the last")
  func waitingParts() async throws {
    let queue = InboundQueue(windowBytes: 100)
    let credit = Credit()
    #expect(queue.add(try self.messages(40, 40), receivedBytes: 100) == 0)
    _ = try await queue.next { credit.bytes += $0 }
    #expect(credit.bytes == 40)
    _ = try await queue.next { credit.bytes += $0 }
    #expect(credit.bytes == 100)
  }
}
