extension Database {
  /// The bounds of a database's connections, queues and times.
  package struct Configuration: Sendable {
    /// Pipelined connections for reads, 1 to 64.
    package var readConnections = 2
    /// Connections for transactions and slow statements, opened on demand, 1 to 256.
    package var exclusiveConnections = 4
    /// Statements accepted and not yet answered; one more fails with `overloaded`.
    package var pendingLimit = 8_192
    /// Transactions and exclusive statements waiting for a connection; one more fails with `overloaded`.
    package var transactionQueueLimit = 1_024
    /// How long a statement may wait to be sent; a write that is sent again waits no longer.
    package var queueTimeout: Duration = .seconds(10)
    /// How long one attempt to connect may take, name resolution excepted; then the URL's next host is tried first.
    package var connectTimeout: Duration = .seconds(5)
    /// The server cancels a statement that runs longer, in whole milliseconds, rounded up; zero for no limit.
    package var statementTimeout: Duration = .seconds(30)
    /// A server that says nothing is taken for dead so long after the timeouts of all statements that it was sent.
    package var silenceTimeout: Duration = .seconds(15)
    /// How long `close()` waits for what is running.
    package var closeTimeout: Duration = .seconds(10)
    /// Statements sent in one batch.
    package var batchLimit = 64
    /// Prepared statements kept on each connection.
    package var statementCacheLimit = 256
    /// Shown in pg_stat_activity, unless the URL says otherwise.
    package var applicationName = "temporis"

    package init() {}
  }
}
