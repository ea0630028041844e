extension Database.Configuration {
  /// Throws `configuration` for a bound that makes no sense.
  func validate() throws(PostgresError) {
    let bounds: [(String, Bool)] = [
      ("readConnections must be 1 to 64", (1...64).contains(readConnections)),
      ("exclusiveConnections must be 1 to 256", (1...256).contains(exclusiveConnections)),
      ("pendingLimit must be positive", pendingLimit > 0),
      ("transactionQueueLimit must be positive", transactionQueueLimit > 0),
      ("queueTimeout must be positive", queueTimeout > .zero),
      ("connectTimeout must be positive", connectTimeout > .zero),
      ("statementTimeout must be 0 to 24 days", statementTimeout >= .zero && statementTimeout < .seconds(2_000_000)),
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
