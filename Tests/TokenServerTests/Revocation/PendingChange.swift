import Postgres
import Synchronization
import TestSupport
import TokenDomain
import TokenServer

/// A change on its way: what its caller sees of it.
final class PendingChange: Sendable {
  private let outcome = Mutex<Result<RevocationReceipt, any Error>?>(nil)
  private let task = Mutex<Task<Void, Never>?>(nil)

  /// Begins a change.
  init(_ change: @escaping @Sendable () async throws -> RevocationReceipt) {
    let task = Task { [weak self] in
      let result: Result<RevocationReceipt, any Error>
      do {
        result = .success(try await change())
      } catch {
        result = .failure(error)
      }
      self?.outcome.withLock { $0 = result }
    }
    self.task.withLock { $0 = task }
  }

  /// Whether its caller knows anything.
  var isAnswered: Bool { outcome.withLock { $0 != nil } }

  /// Waits for the answer.
  func receipt() async throws -> RevocationReceipt {
    try await eventually("a change is answered") { outcome.withLock { $0 } }.get()
  }

  /// Leaves, as a caller does whose time is over.
  func cancel() {
    task.withLock { $0 }?.cancel()
  }
}

/// A gate in the way of a change.
final class Gate: Sendable {
  private let reached = Atomic(false)
  private let opened = Atomic(false)

  /// Waits in front of the gate until it is open.
  func pass() async throws {
    reached.store(true, ordering: .releasing)
    try await eventually("the gate opens") { opened.load(ordering: .acquiring) ? () : nil }
  }

  /// Waits until somebody is in front of it.
  func waitForArrival() async throws {
    try await eventually("somebody is at the gate") { reached.load(ordering: .acquiring) ? () : nil }
  }

  func open() {
    opened.store(true, ordering: .releasing)
  }
}
