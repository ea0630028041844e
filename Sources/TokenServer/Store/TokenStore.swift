package import Postgres
import ServiceKit
package import TokenDomain

/// The token service's data in PostgreSQL. Every time is the database's: no rule compares two machines' clocks.
///
/// What goes wrong with the database itself is thrown as ``ServiceError`` `unavailable` with its cause; neither holds a
/// parameter of a statement.
package struct TokenStore: Sendable {
  let peppers: PepperSet
  private let database: Database

  /// Opens the store over a database whose schema is up to date.
  package init(database: Database, peppers: PepperSet) {
    self.database = database
    self.peppers = peppers
  }

  /// Why the database doesn't answer at once; nil when it does.
  package func failure() async -> (any Error)? {
    do {
      try await withTimeLimit(.seconds(1)) { [database] in try await database.probe() }
      return nil
    } catch {
      return error
    }
  }

  /// One statement that only reads.
  func read(_ sql: String, _ parameters: PostgresValue...) async throws -> PostgresRows {
    try await translatingFaults { try await database.query(sql, parameters: parameters) }
  }

  /// One transaction. After a deadlock it runs again, so `body` must be repeatable.
  nonisolated(nonsending) func transaction<Result>(
    _ body: (Transaction) async throws -> Result
  ) async throws -> Result {
    try await translatingFaults { try await database.transaction(retrying: 2, body) }
  }

  /// Reads rows and decodes them; a row that cannot be decoded is a fault like any other.
  nonisolated(nonsending) func translatingFaults<Result>(
    _ body: () async throws -> Result
  ) async throws -> Result {
    do {
      return try await body()
    } catch let error as PostgresError where error.code == .cancelled {
      throw CancellationError()
    } catch let error as PostgresError {
      throw ServiceError(.unavailable, cause: error)
    }
  }
}
