/// The statements of one transaction, run one after another on a connection of its own.
///
/// Valid inside the body of `Database.transaction` only: afterwards every call throws `closed`.
package struct Transaction: Sendable {
  let session: Session
  let inbox: Inbox

  /// Runs one statement.
  nonisolated(nonsending) package func query(
    _ sql: String, _ parameters: PostgresValue...
  ) async throws -> PostgresRows {
    try await query(sql, parameters: parameters)
  }

  /// Runs one statement.
  nonisolated(nonsending) package func query(_ sql: String, parameters: [PostgresValue]) async throws -> PostgresRows {
    try await run(Request(sql: sql, parameters: parameters, kind: .statement(session)))
  }

  /// Runs one statement; `affected` of the result counts its rows.
  @discardableResult
  nonisolated(nonsending) package func execute(
    _ sql: String, _ parameters: PostgresValue...
  ) async throws -> PostgresRows {
    try await query(sql, parameters: parameters)
  }

  /// Runs one statement; `affected` of the result counts its rows.
  @discardableResult
  nonisolated(nonsending) package func execute(_ sql: String, parameters: [PostgresValue]) async throws -> PostgresRows
  {
    try await query(sql, parameters: parameters)
  }

  /// Runs several statements at once, without parameters or results. It must not end the transaction.
  ///
  /// The statement timeout holds for all of them together. As they may change it, a silent server is waited for without
  /// end from then on, and the connection is not used again afterwards.
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

  /// Throws what made the transaction fail when the server rolled it back: a failed statement whose error was swallowed.
  nonisolated(nonsending) func commit() async throws {
    session.end()
    let rows = try await inbox.runUncancelled(Request(kind: .finish(session, commit: true)))
    if rows.result?.commandTag == "ROLLBACK" {
      throw session.failure
        ?? PostgresError(.server, "the transaction was rolled back by the server", sqlState: .inFailedTransaction)
    }
  }

  /// Does nothing after `commit()`. Never fails: a connection that can't roll back is closed, which does it.
  nonisolated(nonsending) func rollBack() async {
    guard session.end() else { return }
    _ = try? await inbox.runUncancelled(Request(kind: .finish(session, commit: false)))
  }
}
