import Logging
import Postgres
import ServiceKit
import Synchronization
import TokenDomain

/// Writes what verifiers acknowledge, on all streams of this replica in one statement at a time.
///
/// It works for as long as there is something to write. What could not be written is written with what comes next, as a
/// verifier that was heard once need not say it again.
final class AcknowledgementWriter: Sendable {
  private static let retryInterval = Duration.milliseconds(100)

  private struct State {
    var positions: [VerifierSessionID: LogPosition] = [:]
    var isWriting = false

    /// Takes a position unless a later one waits.
    mutating func note(_ position: LogPosition, of session: VerifierSessionID) {
      if let waiting = positions[session], waiting.revision > position.revision { return }
      positions[session] = position
    }
  }

  private let store: RevocationStore
  private let faults: FaultLog
  private let written: @Sendable () -> Void
  private let state = Mutex(State())

  /// Creates a writer.
  ///
  /// - Parameter written: Called after each statement.
  init(store: RevocationStore, faults: FaultLog, written: @escaping @Sendable () -> Void) {
    self.store = store
    self.faults = faults
    self.written = written
  }

  /// Has it written that a verifier has applied the log so far.
  func note(_ position: LogPosition, of session: VerifierSessionID) {
    let starts = state.withLock { state in
      state.note(position, of: session)
      defer { state.isWriting = true }
      return !state.isWriting
    }
    // Not a part of the call that happens to be the first.
    if starts { Task.detached { [self] in await writeAll() } }
  }

  private func writeAll() async {
    while let positions = takePositions() {
      do {
        try await store.acknowledge(positions)
        written()
      } catch let error as PostgresError where error.code == .closed {
        // Nobody can write any more.
      } catch {
        faults.note("Can't write acknowledgements", kind: "acknowledge", error)
        putBack(positions)
        try? await pause(for: Self.retryInterval)
      }
    }
  }

  private func takePositions() -> [VerifierSessionID: LogPosition]? {
    state.withLock { state in
      guard !state.positions.isEmpty else {
        state.isWriting = false
        return nil
      }
      defer { state.positions = [:] }
      return state.positions
    }
  }

  private func putBack(_ positions: [VerifierSessionID: LogPosition]) {
    state.withLock { state in
      let later = state.positions
      state.positions = positions
      for (session, position) in later { state.note(position, of: session) }
    }
  }
}
