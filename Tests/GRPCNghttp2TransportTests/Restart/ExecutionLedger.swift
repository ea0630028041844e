import GRPCCore
import Synchronization
import TestSupport

/// What the servers of a test executed, call by call, and what they turned away.
final class ExecutionLedger: Sendable {
  struct Values: Sendable {
    /// How often each call was executed.
    var counts: [UInt32: Int] = [:]
    /// The calls that each server has begun and not finished.
    var atWork: [Int: Set<UInt32>] = [:]
    /// The servers that finish none for now.
    var stalled: Set<Int> = []
    /// How many each server executed.
    var served: [Int: Int] = [:]
    /// The calls that were answered REFUSED_STREAM, each once.
    var refused: Set<UInt32> = []
    /// The calls from which on some are refused; nil while none is.
    var refusesAfter: UInt32?
    /// Calls that reached a server and that its GOAWAY left out.
    var leftOut = 0
  }

  private let state = Mutex(Values())

  var values: Values { self.state.withLock { $0 } }

  /// A server executes a call.
  func execute(_ id: UInt32, by server: Int) {
    self.state.withLock {
      $0.counts[id, default: 0] += 1
      $0.served[server, default: 0] += 1
    }
  }

  /// Has a server finish no call, waits until it is at work on one that must not be made twice, and returns the calls
  /// that were finished before.
  func stall(_ server: Int) async throws -> Set<UInt32> {
    self.state.withLock { _ = $0.stalled.insert(server) }
    try await eventually(until: {
      self.state.withLock { $0.atWork[server]?.contains { RestartLoad.isOnce($0) } ?? false }
    })
    return self.state.withLock { Set($0.counts.keys).subtracting($0.atWork[server] ?? []) }
  }

  /// Ends the work of a server that is gone.
  func forget(_ server: Int) {
    self.state.withLock {
      $0.stalled.remove(server)
      $0.atWork[server] = nil
    }
  }

  /// Executes a call and takes its time, so that a restart finds calls under way.
  private func work(on id: UInt32, by server: Int) async throws {
    self.execute(id, by: server)
    self.state.withLock { _ = $0.atWork[server, default: []].insert(id) }
    var isFinished = false
    while !isFinished {
      try await Task.sleep(for: RestartLoad.workTime)
      isFinished = self.state.withLock { state in
        guard !state.stalled.contains(server) else { return false }
        state.atWork[server]?.remove(id)
        return true
      }
    }
  }

  func served(by server: Int) -> Int {
    self.state.withLock { $0.served[server] ?? 0 }
  }

  func leaveOut() {
    self.state.withLock { $0.leftOut += 1 }
  }

  /// From now on one in eight calls after `id` is refused when it first comes.
  func beginRefusing(after id: UInt32) {
    self.state.withLock { $0.refusesAfter = id }
  }

  /// Refuses no more calls, and returns those that were.
  func endRefusing() -> Set<UInt32> {
    self.state.withLock { state in
      state.refusesAfter = nil
      return state.refused
    }
  }

  /// Whether to refuse a call that has come.
  func refuses(_ id: UInt32) -> Bool {
    self.state.withLock { state in
      // Of each method one.
      guard let first = state.refusesAfter, id > first, [0, 2].contains(id % 16) else { return false }
      return state.refused.insert(id).inserted
    }
  }

  /// A service that executes the calls of both methods.
  func service(of server: Int) -> TestService {
    let execute: TestService.Handler = { request, _ in
      for try await message in request.messages {
        try await self.work(on: Self.id(message), by: server)
      }
      return StreamingServerResponse { writer in
        try await writer.write([1])
        return [:]
      }
    }
    return TestService(["Idempotent": execute, "Once": execute])
  }

  /// The call that a message belongs to.
  static func id(_ message: some Sequence<UInt8>) -> UInt32 {
    message.reduce(0) { $0 << 8 | UInt32($1) }
  }
}
