extension Database {
  /// Runs `body` in a transaction. It is committed when `body` returns, and rolled back when `body` throws or its task
  /// is cancelled.
  ///
  /// ```swift
  /// let left = try await database.transaction(isolation: .serializable, retrying: 3) { transaction in
  ///   try await transaction.execute("UPDATE item SET stock = stock - 1 WHERE id = $1", .int(7))
  ///   return try await transaction.query("SELECT stock FROM item WHERE id = $1", .int(7))[0].decode(0, as: Int.self)
  /// }
  /// ```
  ///
  /// The options are sent with the first statement and cost no round trip.
  /// - Parameters:
  ///   - synchronousCommit: What the commit waits for; `nil` for the server's setting.
  ///   - retrying: The number of times that `body` may run again after a serialization failure or a deadlock (SQLSTATE
  ///     40001, 40P01).
  /// - Throws: An error of `body` as it is, or ``PostgresError``. After ``PostgresError/Code/connectionLost`` at the
  ///   end, the outcome is unknown.
  nonisolated(nonsending) package func transaction<R>(
    isolation: Isolation = .readCommitted, synchronousCommit: SynchronousCommit? = nil, retrying: Int = 0,
    _ body: (Transaction) async throws -> R
  ) async throws -> R {
    var attemptsLeft = retrying
    while true {
      do {
        return try await attempt(Session(isolation: isolation, synchronousCommit: synchronousCommit), body)
      } catch let error as PostgresError where attemptsLeft > 0 && error.sqlState?.isRetryable == true {
        attemptsLeft -= 1
      }
    }
  }

  private nonisolated(nonsending) func attempt<R>(
    _ session: Session, _ body: (Transaction) async throws -> R
  ) async throws -> R {
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
}
