import Synchronization

/// The state of a transaction that the caller's task and the poller share.
///
/// Sendable: only the poller's thread uses `connection`, `hasBegun`, `ranScript` and `queue`; the rest is under a lock.
final class Session: @unchecked Sendable {
  private struct State {
    var isOver = false
    var failure: PostgresError?
  }

  /// The statements that begin the transaction, sent with its first one.
  let begin: [String]
  private let state = Mutex(State())

  /// The connection that it holds; `nil` before it has one, after its end, and when the connection was lost.
  var connection: PooledConnection?
  /// Whether BEGIN was sent. It goes with the first statement, so a transaction without any costs nothing.
  var hasBegun = false
  /// Whether a script ran, which may have changed the session's settings: the connection is not used again.
  var ranScript = false
  /// The statements that wait; they are sent one at a time.
  var queue = FIFO<Request>()

  init(isolation: Isolation, synchronousCommit: SynchronousCommit?) {
    begin = [isolation.begin] + (synchronousCommit.map { [$0.local] } ?? [])
  }

  var isOver: Bool { state.withLock { $0.isOver } }

  /// The first failed statement's error.
  var failure: PostgresError? { state.withLock { $0.failure } }

  func noteFailure(_ error: PostgresError) {
    state.withLock { if $0.failure == nil { $0.failure = error } }
  }

  /// Marks it as ended. Returns `false` when it had ended before.
  @discardableResult
  func end() -> Bool {
    state.withLock { state in
      defer { state.isOver = true }
      return !state.isOver
    }
  }
}
