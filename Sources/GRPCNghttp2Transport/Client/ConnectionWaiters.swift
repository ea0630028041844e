import GRPCCore
import NIOCore

/// The calls that wait for a connection, each of which is woken once: with a connection or with an error.
struct ConnectionWaiters: Sendable {
  typealias Continuation = CheckedContinuation<ClientConnection, any Error>
  typealias Ticket = WaitingCalls<Waiter>.Ticket

  struct Waiter: Sendable {
    let continuation: Continuation
    let waitForReady: Bool
    /// The connection that the call had before.
    let left: ClientConnection?

    /// Whether it had one.
    var isMoved: Bool { self.left != nil }
  }

  /// A waiter with what it is woken with.
  typealias Wakeup = (continuation: Continuation, result: Result<ClientConnection, any Error>)

  private var calls = WaitingCalls<Waiter>()
  /// How many don't wait for ready, and so have to know when no connection is to be had.
  private var impatient = 0

  var count: Int { self.calls.count }
  var isEmpty: Bool { self.calls.isEmpty }

  /// A name for one that is going to wait.
  mutating func makeTicket() -> Ticket {
    self.calls.makeTicket()
  }

  /// Has a call wait; what it is to be told instead if it may not.
  mutating func add(_ waiter: Waiter, _ ticket: Ticket, deadline: NIODeadline?, limit: Int) -> RPCError? {
    if Task.isCancelled { return .waitCancelled }
    // What ends the wait then may have come before there was one.
    if let deadline, deadline <= .now() { return .waitTimedOut }
    if self.calls.count >= limit { return .tooManyWaiting }
    self.calls.add(waiter, ticket)
    self.impatient += waiter.waitForReady ? 0 : 1
    return nil
  }

  mutating func remove(_ ticket: Ticket) -> Continuation? {
    guard let waiter = self.calls.remove(ticket) else { return nil }
    self.impatient -= waiter.waitForReady ? 0 : 1
    return waiter.continuation
  }

  /// Serves the calls whose turn has come in a pool that has changed, and returns whom to wake. Only the first that has
  /// to go on waiting is looked at, unless none that doesn't wait for ready may.
  mutating func settle(_ pool: inout ConnectionPoolState<ClientConnection>) -> [Wakeup] {
    guard !self.isEmpty else { return [] }
    var woken: [Wakeup] = []
    if pool.lifecycle != .running {
      woken += self.remove(RPCError.isClosing) { pool.lifecycle == .closed || !$0.isMoved }
    }
    if self.impatient > 0, let failure = pool.commonFailure {
      woken += self.remove(failure) { !$0.waitForReady }
    }
    while let (ticket, waiter) = self.calls.first() {
      let result: Result<ClientConnection, any Error>
      switch pool.choose(waitForReady: waiter.waitForReady, isMoved: waiter.isMoved, leaving: waiter.left) {
      case .use(let connection):
        connection.callBegan()
        result = .success(connection)
      case .fail(let error): result = .failure(error)
      case .wait: return woken
      }
      _ = self.remove(ticket)
      woken.append((waiter.continuation, result))
    }
    return woken
  }

  private mutating func remove(_ error: RPCError, where belongs: (Waiter) -> Bool) -> [Wakeup] {
    let removed = self.calls.removeAll(where: belongs)
    self.impatient -= removed.count { !$0.waitForReady }
    return removed.map { ($0.continuation, .failure(error)) }
  }
}

extension RPCError {
  fileprivate static let tooManyWaiting = RPCError(code: .unavailable, message: "Too many calls wait for a connection.")
  static let waitCancelled = RPCError(
    code: .cancelled, message: "The call was cancelled before it was sent.", cause: CancellationError())
  static let waitTimedOut = RPCError(
    code: .deadlineExceeded, message: "The deadline passed before the call found a connection.")
}
