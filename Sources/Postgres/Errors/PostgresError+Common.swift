extension PostgresError {
  static let cancelled = PostgresError(.cancelled, "the task was cancelled")

  static let databaseClosed = PostgresError(.closed, "the database was closed")

  static let transactionOver = PostgresError(
    .closed, "the transaction is over: its statements must run inside the body")

  static let connectionLost = PostgresError(
    .connectionLost, "the connection to PostgreSQL was lost before the server confirmed: the outcome is unknown")

  static func sessionState(_ status: String) -> PostgresError {
    PostgresError(.unsafe, "the statement left its connection \(status): use a transaction")
  }
}
