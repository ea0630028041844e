// Single statements. Each kind comes twice: with its parameters one by one, and as an array.
extension Database {
  /// Runs one short statement that reads.
  ///
  /// ```swift
  /// let rows = try await database.query("SELECT id, name FROM item WHERE price < $1 ORDER BY id", .int(100))
  /// for row in rows { print(try row.decode("name", as: String.self)) }
  /// ```
  ///
  /// It shares a connection, and is refused when it writes. A cancelled task gets its error at once, and the statement
  /// is sent once more when its connection is lost.
  /// - Throws: ``PostgresError``.
  nonisolated(nonsending) package func query(
    _ sql: String, _ parameters: PostgresValue...
  ) async throws -> PostgresRows {
    try await query(sql, parameters: parameters)
  }

  /// Runs one short statement that reads, with an array of parameters; see ``query(_:_:)``.
  ///
  /// ```swift
  /// let values: [PostgresValue] = [.int(100), .text("red")]
  /// let rows = try await database.query("SELECT id FROM item WHERE price < $1 AND color = $2", parameters: values)
  /// ```
  nonisolated(nonsending) package func query(_ sql: String, parameters: [PostgresValue]) async throws -> PostgresRows {
    try await inbox.run(Request(sql: sql, parameters: parameters, kind: .read))
  }

  /// Takes the rows of a statement, or why there are none.
  package typealias Completion = @Sendable (Result<PostgresRows, PostgresError>) -> Void

  /// Runs one short statement that reads, as ``query(_:parameters:)`` does, for a caller outside a task.
  ///
  /// ```swift
  /// database.query("SELECT id FROM item WHERE price < $1", parameters: [.int(100)]) { rows in answer(rows) }
  /// ```
  ///
  /// Nothing cancels it: once sent it ends within the statement's timeout.
  /// - Parameters:
  ///   - patience: How long to wait, at most, until it is sent; the queue's timeout holds besides.
  ///   - completion: Called once, on the database's own thread, which all statements wait for: it may take a fraction
  ///     of a millisecond, and no lock that others hold for long. When the statement is refused it is called before
  ///     this returns.
  package func query(
    _ sql: String, parameters: [PostgresValue], patience: Duration? = nil, completion: @escaping Completion
  ) {
    let request: Request
    do {
      request = try Request(sql: sql, parameters: parameters, kind: .read)
    } catch {
      return completion(.failure(error))
    }
    request.arm(patience: patience, completion)
    if let error = inbox.submit(request) { request.finish(.failure(error)) }
  }

  /// Runs one statement on a connection of its own, for its rows: one that takes long to read them, say.
  ///
  /// ```swift
  /// let count = try await database.queryAlone("SELECT count(*) FROM item").first?.decode(0, as: Int.self)
  /// ```
  ///
  /// Otherwise as ``executeAlone(_:_:synchronousCommit:)``: once sent it runs to its end.
  /// - Throws: ``PostgresError``.
  nonisolated(nonsending) package func queryAlone(
    _ sql: String, _ parameters: PostgresValue...
  ) async throws -> PostgresRows {
    try await queryAlone(sql, parameters: parameters)
  }

  /// Runs one statement on a connection of its own, with an array of parameters; see ``queryAlone(_:_:)``.
  nonisolated(nonsending) package func queryAlone(
    _ sql: String, parameters: [PostgresValue]
  ) async throws -> PostgresRows {
    try await executeAlone(sql, parameters: parameters)
  }

  /// Runs one short statement that writes. It has committed when this returns.
  ///
  /// ```swift
  /// let changed = try await database.execute("UPDATE item SET price = $2 WHERE id = $1", .int(7), .int(80)).affected
  /// ```
  ///
  /// Statements of several callers share a transaction. Only `now()` and the locks, held until its end, show that: lock
  /// rows in one order, and use ``executeAlone(_:_:synchronousCommit:)`` for statements that may wait.
  ///
  /// Once sent, it is never cancelled, nor sent again unless it certainly had no effect.
  /// - Throws: ``PostgresError``. After ``PostgresError/Code/connectionLost`` the outcome is unknown.
  @discardableResult
  nonisolated(nonsending) package func execute(
    _ sql: String, _ parameters: PostgresValue...
  ) async throws -> PostgresRows {
    try await execute(sql, parameters: parameters)
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
    try await inbox.run(Request(sql: sql, parameters: parameters, kind: .write))
  }

  /// Runs one statement in a transaction and on a connection of its own. It has committed when this returns.
  ///
  /// ```swift
  /// let pruned = try await database.executeAlone("DELETE FROM item WHERE price = 0").affected
  /// try await database.executeAlone("UPDATE item SET seen = now() WHERE id = $1", .int(7), synchronousCommit: .off)
  /// ```
  ///
  /// For statements that are slow, wait for locks, or refuse a transaction block (`VACUUM`). Nobody else waits for
  /// them, but there are only ``Configuration/exclusiveConnections`` connections for them and for transactions.
  ///
  /// Once sent, it is never cancelled, nor sent again unless it certainly had no effect.
  /// - Parameter synchronousCommit: What the commit waits for, at no further round trip; `nil` for the server's
  ///   setting. A statement that refuses a transaction block always takes the server's.
  /// - Throws: ``PostgresError``. After ``PostgresError/Code/connectionLost`` the outcome is unknown.
  @discardableResult
  nonisolated(nonsending) package func executeAlone(
    _ sql: String, _ parameters: PostgresValue..., synchronousCommit: SynchronousCommit? = nil
  ) async throws -> PostgresRows {
    try await executeAlone(sql, parameters: parameters, synchronousCommit: synchronousCommit)
  }

  /// Runs one statement on a connection of its own, with an array of parameters; see
  /// ``executeAlone(_:_:synchronousCommit:)``.
  ///
  /// ```swift
  /// try await database.executeAlone("UPDATE item SET name = $2 WHERE id = $1", parameters: [.int(7), .text("mug")])
  /// ```
  @discardableResult
  nonisolated(nonsending) package func executeAlone(
    _ sql: String, parameters: [PostgresValue], synchronousCommit: SynchronousCommit? = nil
  ) async throws -> PostgresRows {
    try await inbox.run(Request(sql: sql, parameters: parameters, kind: .alone(synchronousCommit)))
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
}
