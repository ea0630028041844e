package import Logging
package import Postgres
package import TokenDomain

/// The token service's data in PostgreSQL. Every time is the database's: no rule compares two machines' clocks.
///
/// A fault of the database is thrown as it is, a `PostgresError`, which holds no parameter of a statement.
package struct TokenStore: Sendable {
  let peppers: PepperSet
  /// What keeps verifiers up to date.
  package let revocations: Revocations
  /// The statements of ``lookUp(_:)``, for 1, 2, 4 and so on secrets: most of what there is to do.
  let lookUpStatements: [String]
  /// Whether ``requirePeppers()`` has passed.
  let hasPeppers = PeppersKnown()
  private let database: Database

  /// Opens the store over a database whose schema is up to date.
  ///
  /// - Parameter logger: Where it says why a change is not answered.
  package init(database: Database, peppers: PepperSet, logger: Logger) {
    self.database = database
    self.peppers = peppers
    lookUpStatements = Self.lookUpCounts.map { Self.lookUpStatement(hashes: $0 * (peppers.retired.count + 1)) }
    revocations = Revocations(database: database, logger: logger)
  }

  /// Runs one statement that only reads.
  func read(_ sql: String, _ parameters: PostgresValue...) async throws -> PostgresRows {
    try await read(sql, parameters: parameters)
  }

  /// Runs one statement that only reads, with an array of parameters.
  func read(_ sql: String, parameters: [PostgresValue]) async throws -> PostgresRows {
    try await database.query(sql, parameters: parameters)
  }

  /// Runs one statement that only reads, for a caller outside a task; see `Database`'s own.
  func read(
    _ sql: String, parameters: [PostgresValue], patience: Duration?, completion: @escaping Database.Completion
  ) {
    database.query(sql, parameters: parameters, patience: patience, completion: completion)
  }

  /// Runs one transaction. After a deadlock it runs again, so `body` must be repeatable.
  ///
  /// What changes the answer of a look-up goes through ``revoke(_:)`` instead.
  nonisolated(nonsending) func transaction<Result>(
    _ body: (Transaction) async throws -> Result
  ) async throws -> Result {
    try await database.transaction(synchronousCommit: .on, retrying: 2, body)
  }
}

extension Duration {
  /// The length in seconds, for `interval '1 second'`. Exact to the microsecond up to 285 years.
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
