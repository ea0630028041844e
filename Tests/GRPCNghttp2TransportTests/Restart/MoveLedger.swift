import GRPCCore
import HTTP2TestSupport
import Synchronization

/// How often the servers of a ``MoveLoad`` executed each call, and where it came from.
final class MoveLedger: Sendable {
  private struct State {
    /// The first call is 1.
    var counts: [UInt8]
    var connections: Set<String> = []
    /// The calls that each server has executed.
    var served: [Int: Int] = [:]
  }

  private let state: Mutex<State>

  init(calls: Int) {
    self.state = Mutex(State(counts: Array(repeating: 0, count: calls + 1)))
  }

  /// The calls that were executed twice or not at all.
  var notOnce: [Int] {
    self.state.withLock { state in state.counts.indices.dropFirst().filter { state.counts[$0] != 1 } }
  }

  /// How many peers there were; those on Unix sockets are one.
  var connections: Int { self.state.withLock { $0.connections.count } }

  func served(by server: Int) -> Int { self.state.withLock { $0.served[server] ?? 0 } }

  /// A message of a call.
  static func message(_ id: UInt32, _ index: UInt8) -> [UInt8] {
    let name = (0..<4).map { UInt8(truncatingIfNeeded: id >> (24 - 8 * UInt32($0))) }
    return name + [UInt8](repeating: index, count: 21)
  }

  /// Executes calls by sending back what comes.
  func service(of server: Int = 0) -> TestService {
    let handler: TestService.Handler = { request, context in
      let peer = context.remotePeer
      return StreamingServerResponse { writer in
        var isFirst = true
        for try await message in request.messages {
          if isFirst { self.execute(ExecutionLedger.id(message.prefix(4)), peer, server) }
          isFirst = false
          try await writer.write(message)
        }
        return [:]
      }
    }
    return TestService(Dictionary(uniqueKeysWithValues: MoveLoad.Method.allCases.map { ($0.rawValue, handler) }))
  }

  private func execute(_ id: UInt32, _ peer: String, _ server: Int) {
    self.state.withLock { state in
      state.counts[Int(id)] += 1
      state.connections.insert(peer)
      state.served[server, default: 0] += 1
    }
  }
}
