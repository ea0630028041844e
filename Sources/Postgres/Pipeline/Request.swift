import Synchronization

/// A caller's request, from the caller through the poller and back.
///
/// `@unchecked Sendable`: `state` decides who may answer the caller, who is written before the request is shared; only
/// the poller's thread uses `deadline`, `attempts` and `opensTransaction`.
final class Request: @unchecked Sendable {
  enum Kind: Sendable {
    /// A statement that reads, on a connection shared with others.
    case read
    /// A statement that writes, on a connection shared with others.
    case write
    /// A statement that has a connection of its own while it runs, and what its commit waits for.
    case alone(SynchronousCommit?)
    /// A connection for a transaction.
    case open(Session)
    /// A statement of a transaction.
    case statement(Session)
    /// Several statements of a transaction, in the simple protocol.
    case script(Session)
    /// The end of a transaction.
    case finish(Session, commit: Bool)
    /// The begin of a consumer's notifications.
    case listen(Subscription)
    /// Their end.
    case unlisten(Subscription)
  }

  /// Who gets the answer.
  private enum Caller {
    /// A task. Unsafe, for speed: `state` ensures that it is resumed exactly once.
    case task(UnsafeContinuation<PostgresRows, any Error>)
    /// A function that is called on the poller's thread.
    case function(Database.Completion)
  }

  private enum State: UInt8, AtomicRepresentable {
    case new
    case queued
    case running
    case finished
  }

  let sql: String
  let parameters: EncodedParameters
  let kind: Kind
  private let state = Atomic(State.new)
  private var caller: Caller?
  /// How long the caller waits for it to be sent; `nil` for as long as the configuration says.
  private(set) var patience: Duration?

  /// The time at which it gives up waiting to be sent.
  var deadline = MonotonicTime.distantFuture
  /// The number of times it was sent again because its connection or its prepared statement was lost.
  var attempts = 0
  /// Whether BEGIN was sent with it.
  var opensTransaction = false

  init(sql: String, parameters: [PostgresValue], kind: Kind) throws(PostgresError) {
    if sql.utf8.contains(0) {
      throw PostgresError(.invalidParameter, "the SQL holds a NUL character")
    }
    switch kind {
    case .alone: try StatementGuard.check(sql, in: .alone)
    case .read, .write: try StatementGuard.check(sql, in: .pipelined)
    case .statement: try StatementGuard.check(sql, in: .transaction)
    case .open, .script, .finish, .listen, .unlisten: break
    }
    self.sql = sql
    self.parameters = try EncodedParameters(parameters)
    self.kind = kind
  }

  /// Creates a request of a kind that has no SQL of the caller's.
  init(kind: Kind) {
    sql = ""
    parameters = .none
    self.kind = kind
  }

  /// Whether it may be sent again after a lost connection, and dropped while it runs.
  var isRead: Bool {
    if case .read = kind { true } else { false }
  }

  /// Whether the statement must be the only one of its batch, such as VACUUM.
  var refusesTransaction: Bool {
    guard case .alone = kind else { return false }
    return (try? StatementGuard.check(sql, in: .pipelined)) == nil
  }

  /// The SQL of a kind that has none of the caller's. It is short, and sent without being prepared.
  var ownSQL: String? {
    switch kind {
    case .finish(_, commit: true): "COMMIT"
    case .finish(_, commit: false): "ROLLBACK"
    case .listen(let subscription): "LISTEN \(subscription.identifier)"
    case .unlisten(let subscription): "UNLISTEN \(subscription.identifier)"
    case .read, .write, .alone, .open, .statement, .script: nil
    }
  }

  /// Takes the continuation. Returns `false` when the request was cancelled before; the continuation is resumed then.
  func arm(_ continuation: UnsafeContinuation<PostgresRows, any Error>) -> Bool {
    caller = .task(continuation)
    if state.compareExchange(expected: .new, desired: .queued, ordering: .acquiringAndReleasing).exchanged {
      return true
    }
    continuation.resume(throwing: PostgresError.cancelled)
    return false
  }

  /// Takes the function that gets the answer, for a request that is never cancelled.
  func arm(patience: Duration?, _ completion: @escaping Database.Completion) {
    self.patience = patience
    caller = .function(completion)
    state.store(.queued, ordering: .releasing)
  }

  /// Marks the request as sent, for the first time or again. Returns `false` when it was cancelled while it waited.
  func begin() -> Bool {
    let (exchanged, original) = state.compareExchange(
      expected: .queued, desired: .running, ordering: .acquiringAndReleasing)
    return exchanged || original == .running
  }

  /// Answers the caller, unless it was cancelled.
  func finish(_ result: Result<PostgresRows, PostgresError>) {
    if state.exchange(.finished, ordering: .acquiringAndReleasing) == .finished { return }
    resume(result)
  }

  /// Cancels a request that was not sent, and a read in any case. A write that was sent runs to its end.
  func cancel() {
    if state.compareExchange(expected: .new, desired: .finished, ordering: .acquiringAndReleasing).exchanged { return }
    if state.compareExchange(expected: .queued, desired: .finished, ordering: .acquiringAndReleasing).exchanged {
      resume(.failure(.cancelled))
    } else if isRead,
      state.compareExchange(expected: .running, desired: .finished, ordering: .acquiringAndReleasing).exchanged
    {
      resume(.failure(.cancelled))
    }
  }

  private func resume(_ result: Result<PostgresRows, PostgresError>) {
    switch caller {
    case .task(let continuation): continuation.resume(with: result.mapError { $0 as any Error })
    case .function(let completion): completion(result)
    case nil: break
    }
  }
}
