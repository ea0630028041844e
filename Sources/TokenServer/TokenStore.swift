package import Postgres
package import TokenDomain

/// The token service's data in PostgreSQL. Every time is the database's: no rule compares two machines' clocks.
///
/// A fault of the database is thrown as it is, a `PostgresError`, which holds no parameter of a statement.
package struct TokenStore: Sendable {
  let peppers: PepperSet
  private let database: Database

  /// Opens the store over a database whose schema is up to date.
  package init(database: Database, peppers: PepperSet) {
    self.database = database
    self.peppers = peppers
  }

  /// Runs one statement that only reads.
  func read(_ sql: String, _ parameters: PostgresValue...) async throws -> PostgresRows {
    try await database.query(sql, parameters: parameters)
  }

  /// Runs one transaction. After a deadlock it runs again, so `body` must be repeatable.
  nonisolated(nonsending) func transaction<Result>(
    _ body: (Transaction) async throws -> Result
  ) async throws -> Result {
    try await database.transaction(retrying: 2, body)
  }
}

extension Duration {
  /// The length in seconds, for `interval '1 second'`. Exact to the microsecond up to 285 years.
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
