package import Logging

/// A PostgreSQL database: a few connections, driven by one thread of their own, shared by any number of tasks.
///
/// Connections open when they are first needed and again when they are lost. `close()` ends them; a database that is
/// dropped without it closes too, unwaited for.
///
/// libpq looks a host's name up on that thread: a name server that is slow to answer holds up all statements while a
/// connection opens. Where that matters, the URL gives the address beside the name (`hostaddr=`).
package final class Database: Sendable {
  private let inbox: Inbox
  private let configuration: Configuration

  /// - Parameter url: libpq's URI or keyword string (PostgreSQL documentation, 34.1.1).
  ///
  /// Throws `configuration`, which never quotes the URL: it may hold a password.
  package init(url: String, configuration: Configuration = Configuration(), logger: Logger) throws {
    try configuration.validate()
    let parameters = try ConnectionParameters(url: url, configuration: configuration)
    let inbox = try Inbox(limit: configuration.pendingLimit)
    let poller = try Poller(inbox: inbox, parameters: parameters, configuration: configuration, logger: logger)
    try poller.start()
    self.inbox = inbox
    self.configuration = configuration
  }

  deinit {
    inbox.close(whenClosed: nil)
  }

  /// Runs one statement.
  ///
  /// On `.read` the result of a task that is cancelled is dropped at once, and the statement is sent once more if its
  /// connection is lost; the other lanes never cancel what was sent, nor send it again unless it surely had no effect.
  nonisolated(nonsending) package func query(
    _ sql: String, _ parameters: PostgresValue..., on lane: Lane = .read
  ) async throws -> PostgresRows {
    try await query(sql, parameters: parameters, on: lane)
  }

  /// Runs one statement; see `query(_:_:on:)`.
  nonisolated(nonsending) package func query(
    _ sql: String, parameters: [PostgresValue], on lane: Lane = .read
  ) async throws -> PostgresRows {
    try await inbox.run(Request(sql: sql, parameters: parameters, kind: .single(lane)))
  }

  /// Runs one statement on the write lane; it has committed when this returns.
  ///
  /// Statements of many callers share a transaction where that can't be told from outside, except by `now()` and by the
  /// locks held until its end: touch keys in one order. `connectionLost` means that the outcome is unknown.
  @discardableResult
  nonisolated(nonsending) package func execute(
    _ sql: String, _ parameters: PostgresValue...
  ) async throws -> PostgresRows {
    try await query(sql, parameters: parameters, on: .write)
  }

  /// Runs one statement on the write lane; see `execute(_:_:)`.
  @discardableResult
  nonisolated(nonsending) package func execute(
    _ sql: String, parameters: [PostgresValue]
  ) async throws -> PostgresRows {
    try await query(sql, parameters: parameters, on: .write)
  }

  /// Runs `body` in a transaction: committed when it returns, rolled back when it throws or its task is cancelled.
  ///
  /// An error of `body` is rethrown as it is. `retrying` is how many more times `body` runs after a serialization failure
  /// or a deadlock (SQLSTATE 40001, 40P01). A `connectionLost` at the end means that the outcome is unknown.
  nonisolated(nonsending) package func transaction<R>(
    isolation: Isolation = .readCommitted, retrying: Int = 0, _ body: (Transaction) async throws -> R
  ) async throws -> R {
    var attemptsLeft = retrying
    while true {
      do {
        return try await attempt(isolation, body)
      } catch let error as PostgresError where attemptsLeft > 0 && error.sqlState?.isRetryable == true {
        attemptsLeft -= 1
      }
    }
  }

  private nonisolated(nonsending) func attempt<R>(
    _ isolation: Isolation, _ body: (Transaction) async throws -> R
  ) async throws -> R {
    let session = Session(isolation: isolation)
    _ = try await inbox.run(Request(kind: .open(session)))
    let transaction = Transaction(session: session, inbox: inbox)
    do {
      let value = try await body(transaction)
      if Task.isCancelled { throw PostgresError.cancelled }
      try await transaction.commit()
      return value
    } catch {
      await transaction.rollBack()
      throw error
    }
  }

  /// Refuses new statements and those not yet sent, waits for the running ones and for open transactions, at most
  /// `closeTimeout`, then closes every connection. May be called again.
  package func close() async {
    await withCheckedContinuation { continuation in
      inbox.close(whenClosed: continuation)
    }
  }
}
