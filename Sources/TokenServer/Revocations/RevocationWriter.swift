import Postgres
import ServiceKit
import Synchronization
import TokenDomain

/// Commits changes of what look-ups answer, each with its revisions, and answers each once no verifier goes by what was
/// before.
///
/// One transaction at a time holds all the changes that have come meanwhile: every replica's changes wait for one
/// another at the revision's counter, so that the fewer they are, the more get through. Accounts take turns.
final class RevocationWriter: Sendable {
  /// The most changes of a transaction. Each is a subtransaction, of which PostgreSQL keeps 64 in shared memory.
  private static let batchLimit = 32
  /// The most changes that wait, and the most of one account.
  private static let queueLimit = 1_024
  private static let accountLimit = 128
  /// How often a change is tried again that others were in the way of.
  private static let retryLimit = 2

  private struct State {
    var queue = FairQueue<String, RevokingChange>(limit: queueLimit, clientLimit: accountLimit)
    var isRunning = false
  }

  private let store: RevocationStore
  private let barriers: RevocationBarriers
  private let signal: RevocationSignal
  private let state = Mutex(State())

  init(store: RevocationStore, barriers: RevocationBarriers, signal: RevocationSignal) {
    self.store = store
    self.barriers = barriers
    self.signal = signal
  }

  /// Has a change made; those of one account wait for one another.
  func submit(_ change: RevokingChange) {
    let (refused, starts) = state.withLock { state -> (RevokingChange?, Bool) in
      let refused: RevokingChange? =
        switch state.queue.append(change, of: change.accountID) {
        case .waits: nil
        case .displaces(let other): other
        case .refused: change
        }
      defer { state.isRunning = true }
      return (refused, !state.isRunning)
    }
    refused?.fail(
      ServiceError(.rateLimited, "Too many changes of credentials at the moment.", retryAfter: .seconds(1)))
    // Not a part of the call that happens to be the first.
    if starts { Task.detached { [self] in await run() } }
  }

  private func run() async {
    var postponed: [RevokingChange] = []
    while let batch = takeBatch(after: postponed) { postponed = await commit(batch) }
  }

  private func takeBatch(after postponed: [RevokingChange]) -> [RevokingChange]? {
    state.withLock { state in
      var batch = postponed
      while batch.count < Self.batchLimit, let next = state.queue.popFirst() {
        if !next.isAbandoned { batch.append(next) }
      }
      state.isRunning = !batch.isEmpty
      // All replicas lock in this order: two that waited for each other would be told so after a second.
      batch.sort { ($0.accountID, $0.credentialID) < ($1.accountID, $1.credentialID) }
      return batch.isEmpty ? nil : batch
    }
  }

  /// Commits a batch, and has what it did answered once that may be.
  ///
  /// - Returns: What is to be tried again.
  private func commit(_ batch: [RevokingChange]) async -> [RevokingChange] {
    do {
      let outcome = try await store.database.transaction(synchronousCommit: .on) { transaction in
        try await RevocationBatch(batch, in: transaction, of: store)
      }
      let committed = ContinuousClock.now
      signal.wake()
      if let end = outcome.end {
        Task.detached { [barriers] in await outcome.answer(end, committedAt: committed, by: barriers) }
      }
      return outcome.failed.filter { change, error in
        if (error as? PostgresError)?.sqlState?.isConflict == true, change.noteFailure(limit: Self.retryLimit) {
          return true
        }
        change.fail(error)
        return false
      }.map(\.change)
    } catch {
      // Of a lost connection the commit may have been made or not: nobody is told that it was.
      for change in batch { change.fail(error) }
      return []
    }
  }
}

extension SQLState {
  /// Whether the statement failed because of what others did at the same time.
  fileprivate var isConflict: Bool { self == .deadlockDetected || self == .serializationFailure }
}
