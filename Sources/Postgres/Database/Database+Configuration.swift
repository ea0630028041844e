extension Database {
  /// The bounds of a database's connections, queues and times.
  package struct Configuration: Sendable {
    /// The number of pipelined connections for reads, 1 to 64.
    package var readConnections = 2
    /// The number of connections for transactions and slow statements, 1 to 256. They open on demand.
    package var exclusiveConnections = 4
    /// The number of statements that may be accepted and not yet answered. One more fails with
    /// ``PostgresError/Code/overloaded``.
    package var pendingLimit = 8_192
    /// The number of transactions and exclusive statements that may wait for a connection. One more fails with
    /// ``PostgresError/Code/overloaded``.
    package var transactionQueueLimit = 1_024
    /// The longest time that a statement waits to be sent; a write that is sent again waits no longer.
    package var queueTimeout: Duration = .seconds(10)
    /// The longest time for one attempt to connect, without name resolution; the next attempt begins at the URL's next
    /// host.
    package var connectTimeout: Duration = .seconds(5)
    /// The time after which the server cancels a statement, rounded up to whole milliseconds; zero for no limit.
    ///
    /// Through a pooler, a statement that refuses a transaction block has no limit but the ``silenceTimeout``.
    package var statementTimeout: Duration = .seconds(30)
    /// The time after which the server ends a transaction whose next statement does not come, rounded up to whole
    /// milliseconds; zero for no limit. A client that is gone without a word would hold its locks until then.
    package var idleTransactionTimeout: Duration = .seconds(10)
    /// The time, after the timeouts of all statements that it was sent, until a silent server is taken for dead.
    package var silenceTimeout: Duration = .seconds(15)
    /// The longest time that ``Database/close()`` waits for running statements.
    package var closeTimeout: Duration = .seconds(10)
    /// The number of statements sent in one batch, 1 to 10,000.
    package var batchLimit = 64
    /// The number of prepared statements kept on each connection. Through a pooler there are none.
    package var statementCacheLimit = 256
    /// The name shown in `pg_stat_activity`, unless the URL has one.
    package var applicationName = "temporis"

    /// Creates the default bounds.
    package init() {}

    /// - Throws: ``PostgresError/Code/configuration`` for a bound out of its range.
    func validate() throws(PostgresError) {
      let bounds: [(String, Bool)] = [
        ("readConnections must be 1 to 64", (1...64).contains(readConnections)),
        ("exclusiveConnections must be 1 to 256", (1...256).contains(exclusiveConnections)),
        ("pendingLimit must be positive", pendingLimit > 0),
        ("transactionQueueLimit must be positive", transactionQueueLimit > 0),
        ("queueTimeout must be positive", queueTimeout > .zero),
        ("connectTimeout must be positive", connectTimeout > .zero),
        ("statementTimeout must be 0 to 24 days", statementTimeout >= .zero && statementTimeout < .seconds(2_000_000)),
        (
          "idleTransactionTimeout must be 0 to 24 days",
          idleTransactionTimeout >= .zero && idleTransactionTimeout < .seconds(2_000_000)
        ),
        ("silenceTimeout must not be negative", silenceTimeout >= .zero),
        ("closeTimeout must not be negative", closeTimeout >= .zero),
        ("batchLimit must be 1 to 10000", (1...10_000).contains(batchLimit)),
        ("statementCacheLimit must be positive", statementCacheLimit > 0),
      ]
      for (message, holds) in bounds where !holds {
        throw PostgresError(.configuration, message)
      }
    }
  }
}
