import NIOCore
import Synchronization

/// The compressed-flags of the messages that went through a relay.
final class WireRecorder: Sendable {
  enum Direction {
    case requests
    case responses
  }

  private struct Call {
    let connection: Int
    let streamID: UInt32
    var requests: [UInt8] = []
    var responses: [UInt8] = []
  }

  private let calls = Mutex<[Call]>([])
  private let connections = Atomic(0)

  /// The number of a new connection.
  func addConnection() -> Int {
    self.connections.add(1, ordering: .relaxed).newValue
  }

  /// Notes a message of a call; calls are kept in the order of their first messages.
  func note(_ flag: UInt8, _ direction: Direction, connection: Int, streamID: UInt32) {
    self.calls.withLock { calls in
      if !calls.contains(where: { $0.connection == connection && $0.streamID == streamID }) {
        calls.append(Call(connection: connection, streamID: streamID))
      }
      for index in calls.indices where calls[index].connection == connection && calls[index].streamID == streamID {
        switch direction {
        case .requests: calls[index].requests.append(flag)
        case .responses: calls[index].responses.append(flag)
        }
      }
    }
  }

  /// What is wrong with the messages so far; nil when they are as expected.
  func difference(from expected: CompressedFlags) -> CaseFailure? {
    self.calls.withLock { calls -> CaseFailure? in
      do throws(CaseFailure) {
        if let requests = expected.requests {
          try expect(calls.map(\.requests), is: requests, "compressed-flags of the requests, by call")
        }
        if let responses = expected.responses {
          try expect(calls.map(\.responses), is: responses, "compressed-flags of the responses, by call")
        }
        return nil
      } catch {
        return error
      }
    }
  }
}
