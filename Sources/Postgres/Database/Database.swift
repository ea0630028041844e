package import Logging

/// A PostgreSQL database: a few connections, driven by one thread of their own, shared by any number of tasks.
///
/// ```swift
/// let database = try Database(url: "postgres://me@localhost/shop", logger: logger)
/// let rows = try await database.query("SELECT name FROM item WHERE price < $1", .int(100))
/// let names: [String] = try rows.map { try $0.decode("name") }
/// await database.close()
/// ```
///
/// Connections open when they are first needed, and again when they are lost. ``close()`` ends them; a database that
/// is released without it closes too, but nobody waits for that.
///
/// Connection poolers (PgBouncer and its like) work in session and in transaction mode. A pooler is detected when a
/// connection opens. Nothing is kept in the session then: the settings go with each transaction, and statements are
/// parsed each time. A direct connection is faster. In statement mode transactions fail with an error that says so.
///
/// libpq resolves a host's name on the database's thread: while a connection opens, a slow name server delays all
/// statements. Where that matters, give the address beside the name in the URL (`hostaddr=`).
package final class Database: Sendable {
  private let inbox: Inbox
  private let configuration: Configuration

  /// Creates a database, without connecting yet.
  ///
  /// ```swift
  /// let database = try Database(url: "host=/run/postgresql dbname=shop", logger: logger)
  /// ```
  /// - Parameter url: libpq's URI or keyword string (PostgreSQL documentation, 34.1.1).
  /// - Throws: ``PostgresError/Code/configuration``, which never quotes the URL: it may hold a password.
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

  /// Runs one statement, by default one that only reads.
  ///
  /// ```swift
  /// let rows = try await database.query("SELECT id, name FROM item WHERE price < $1 ORDER BY id", .int(100))
  /// for row in rows { print(try row.decode("name", as: String.self)) }
  /// ```
  ///
  /// On ``Lane/read`` a cancelled task gets its error at once, and the statement is sent once more when its connection
  /// is lost. The other lanes never cancel a statement that was sent, nor send it again unless it certainly had no
  /// effect.
  /// - Throws: ``PostgresError``.
  nonisolated(nonsending) package func query(
    _ sql: String, _ parameters: PostgresValue..., on lane: Lane = .read
  ) async throws -> PostgresRows {
    try await query(sql, parameters: parameters, on: lane)
  }

  /// Runs one statement with an array of parameters; see ``query(_:_:on:)``.
  ///
  /// ```swift
  /// let values: [PostgresValue] = [.int(100), .text("red")]
  /// let rows = try await database.query("SELECT id FROM item WHERE price < $1 AND color = $2", parameters: values)
  /// ```
  nonisolated(nonsending) package func query(
    _ sql: String, parameters: [PostgresValue], on lane: Lane = .read
  ) async throws -> PostgresRows {
    try await inbox.run(Request(sql: sql, parameters: parameters, kind: .single(lane)))
  }

  /// Runs one short statement that writes. It has committed when this returns.
  ///
  /// ```swift
  /// let changed = try await database.execute("UPDATE item SET price = $2 WHERE id = $1", .int(7), .int(80)).affected
  /// ```
  ///
  /// Statements of several callers share a transaction. Only `now()` and the locks, held until its end, show that: lock
  /// rows in one order, and use ``executeAlone(_:_:)`` for statements that may wait.
  /// - Throws: ``PostgresError``. After ``PostgresError/Code/connectionLost`` the outcome is unknown.
  @discardableResult
  nonisolated(nonsending) package func execute(
    _ sql: String, _ parameters: PostgresValue...
  ) async throws -> PostgresRows {
    try await query(sql, parameters: parameters, on: .write)
  }

  /// Runs one short statement that writes, with an array of parameters; see ``execute(_:_:)``.
  ///
  /// ```swift
  /// try await database.execute("INSERT INTO item (id, name) VALUES ($1, $2)", parameters: [.int(7), .text("cup")])
  /// ```
  @discardableResult
  nonisolated(nonsending) package func execute(
    _ sql: String, parameters: [PostgresValue]
  ) async throws -> PostgresRows {
    try await query(sql, parameters: parameters, on: .write)
  }

  /// Runs one statement in a transaction and on a connection of its own. It has committed when this returns.
  ///
  /// ```swift
  /// let pruned = try await database.executeAlone("DELETE FROM item WHERE price = 0").affected
  /// ```
  ///
  /// For statements that are slow, wait for locks, or refuse a transaction block (`VACUUM`). Nobody else waits for
  /// them, but there are only ``Configuration/exclusiveConnections`` connections for them and for transactions.
  /// - Throws: ``PostgresError``. After ``PostgresError/Code/connectionLost`` the outcome is unknown.
  @discardableResult
  nonisolated(nonsending) package func executeAlone(
    _ sql: String, _ parameters: PostgresValue...
  ) async throws -> PostgresRows {
    try await query(sql, parameters: parameters, on: .exclusive)
  }

  /// Runs one statement on a connection of its own, with an array of parameters; see ``executeAlone(_:_:)``.
  ///
  /// ```swift
  /// try await database.executeAlone("UPDATE item SET name = $2 WHERE id = $1", parameters: [.int(7), .text("mug")])
  /// ```
  @discardableResult
  nonisolated(nonsending) package func executeAlone(
    _ sql: String, parameters: [PostgresValue]
  ) async throws -> PostgresRows {
    try await query(sql, parameters: parameters, on: .exclusive)
  }

  /// Runs `body` in a transaction. It is committed when `body` returns, and rolled back when `body` throws or its task
  /// is cancelled.
  ///
  /// ```swift
  /// let left = try await database.transaction(isolation: .serializable, retrying: 3) { transaction in
  ///   try await transaction.execute("UPDATE item SET stock = stock - 1 WHERE id = $1", .int(7))
  ///   return try await transaction.query("SELECT stock FROM item WHERE id = $1", .int(7))[0].decode(0, as: Int.self)
  /// }
  /// ```
  /// - Parameter retrying: The number of times that `body` may run again after a serialization failure or a deadlock
  ///   (SQLSTATE 40001, 40P01).
  /// - Throws: An error of `body` as it is, or ``PostgresError``. After ``PostgresError/Code/connectionLost`` at the
  ///   end, the outcome is unknown.
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

  /// Returns when the server has answered a statement that reads.
  ///
  /// ```swift
  /// try await database.probe("SELECT id FROM item LIMIT 0")
  /// ```
  /// - Throws: ``PostgresError``, which says why there was no answer.
  package func probe(_ sql: String = "SELECT 1") async throws {
    _ = try await query(sql)
  }

  /// Refuses new statements and those not yet sent, waits at most ``Configuration/closeTimeout`` for the running ones
  /// and for open transactions, then closes every connection.
  ///
  /// ```swift
  /// await database.close()
  /// ```
  ///
  /// May be called again, and by several tasks.
  package func close() async {
    await withCheckedContinuation { continuation in
      inbox.close(whenClosed: continuation)
    }
  }
}

/// The kind of connection that a statement takes.
package enum Lane: Sendable, Hashable {
  /// Shared and pipelined, read-only on the server.
  case read
  /// Shared and pipelined; as far as a caller can tell, every statement commits by itself.
  case write
  /// A connection of its own while the statement runs; see ``Database/executeAlone(_:_:)``.
  case exclusive
}
