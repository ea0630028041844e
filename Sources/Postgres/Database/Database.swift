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
  let inbox: Inbox

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
  }

  deinit {
    inbox.close(whenClosed: nil)
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
