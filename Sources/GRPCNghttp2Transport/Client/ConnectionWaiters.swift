import GRPCCore
import NIOCore

/// The calls that wait for a pool to change.
struct ConnectionWaiters: Sendable {
  typealias Continuation = CheckedContinuation<Void, any Error>

  /// Grows with every change that a waiting call may be interested in.
  private(set) var version: UInt64 = 0
  private var continuations: [UInt64: Continuation] = [:]
  private var nextID: UInt64 = 0

  /// A name for one that is going to wait.
  mutating func makeID() -> UInt64 {
    defer { self.nextID += 1 }
    return self.nextID
  }

  /// Has `continuation` wait for the change after `version`; what it is to be resumed with otherwise.
  mutating func add(
    _ continuation: Continuation, id: UInt64, version: UInt64, deadline: NIODeadline?, limit: Int
  ) -> Result<Void, any Error>? {
    if self.version != version { return .success(()) }
    if Task.isCancelled { return .failure(RPCError.waitCancelled) }
    // What ends the wait then may have come before there was one.
    if let deadline, deadline <= .now() { return .failure(RPCError.waitTimedOut) }
    if self.continuations.count >= limit { return .failure(RPCError.tooManyWaiting) }
    self.continuations[id] = continuation
    return nil
  }

  mutating func remove(_ id: UInt64) -> Continuation? {
    self.continuations.removeValue(forKey: id)
  }

  /// There was a change: returns whom to wake.
  mutating func takeAll() -> [Continuation] {
    self.version += 1
    guard !self.continuations.isEmpty else { return [] }
    defer { self.continuations = [:] }
    return Array(self.continuations.values)
  }
}

extension RPCError {
  fileprivate static let tooManyWaiting = RPCError(code: .unavailable, message: "Too many calls wait for a connection.")
  static let waitCancelled = RPCError(code: .cancelled, message: "The call was cancelled before it was sent.")
  static let waitTimedOut = RPCError(
    code: .deadlineExceeded, message: "The deadline passed before the call found a connection.")
}
