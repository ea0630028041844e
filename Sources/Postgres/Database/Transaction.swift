/// The statements of one transaction, run one after another on a connection of its own.
///
/// Valid inside the body of ``Database/transaction(isolation:synchronousCommit:retrying:_:)`` only: afterwards every
/// call throws ``PostgresError/Code/closed``.
package struct Transaction: Sendable {
  let session: Session
  let inbox: Inbox

  /// Runs one statement.
  nonisolated(nonsending) package func query(
    _ sql: String, _ parameters: PostgresValue...
  ) async throws -> PostgresRows {
    try await query(sql, parameters: parameters)
  }

  /// Runs one statement with an array of parameters.
  nonisolated(nonsending) package func query(_ sql: String, parameters: [PostgresValue]) async throws -> PostgresRows {
    try await run(Request(sql: sql, parameters: parameters, kind: .statement(session)))
  }

  /// Runs one statement whose rows may be ignored; `affected` of the result counts them.
  @discardableResult
  nonisolated(nonsending) package func execute(
    _ sql: String, _ parameters: PostgresValue...
  ) async throws -> PostgresRows {
    try await query(sql, parameters: parameters)
  }

  /// Runs one statement with an array of parameters; `affected` of the result counts its rows.
  @discardableResult
  nonisolated(nonsending) package func execute(_ sql: String, parameters: [PostgresValue]) async throws -> PostgresRows
  {
    try await query(sql, parameters: parameters)
  }

  /// Runs several statements at once, without parameters or results. They must not end the transaction.
  ///
  /// The statement timeout holds for all of them together. As they may change it, a silent server is waited for without
  /// end from then on, and the connection is not used again. Change settings with `SET LOCAL`: through a pooler, other
  /// clients would inherit those of the session.
  nonisolated(nonsending) package func script(_ sql: String) async throws {
    _ = try await run(Request(sql: sql, parameters: [], kind: .script(session)))
  }

  private nonisolated(nonsending) func run(_ request: Request) async throws -> PostgresRows {
    if session.isOver { throw PostgresError.transactionOver }
    do {
      return try await inbox.run(request)
    } catch let error as PostgresError {
      session.noteFailure(error)
      throw error
    }
  }

  /// Commits the transaction.
  /// - Throws: The first failed statement's error when the server rolled back, because the body swallowed that error.
  nonisolated(nonsending) func commit() async throws {
    session.end()
    let rows = try await inbox.runUncancelled(Request(kind: .finish(session, commit: true)))
    if rows.result?.commandTag == "ROLLBACK" {
      throw session.failure
        ?? PostgresError(.server, "the transaction was rolled back by the server", sqlState: .inFailedTransaction)
    }
  }

  /// Rolls the transaction back; does nothing after `commit()`. Never fails: when the connection can't roll back, it is
  /// closed, which has the same effect.
  nonisolated(nonsending) func rollBack() async {
    guard session.end() else { return }
    _ = try? await inbox.runUncancelled(Request(kind: .finish(session, commit: false)))
  }
}
