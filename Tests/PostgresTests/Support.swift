import Logging
import Postgres
import Synchronization
import TestSupport
import Testing

/// A database of its own for a test, closed at its end.
func withDatabase<R>(
  _ configuration: Database.Configuration = Database.Configuration(),
  _ body: (Database) async throws -> R
) async throws -> R {
  let url = try await TestCluster.shared().makeDatabase()
  return try await withDatabase(url: url, configuration, body)
}

/// A database at a URL, closed at the end.
func withDatabase<R>(
  url: String, _ configuration: Database.Configuration = Database.Configuration(),
  logger: Logger = Logger(label: "test"), _ body: (Database) async throws -> R
) async throws -> R {
  let database = try Database(url: url, configuration: configuration, logger: logger)
  do {
    let value = try await body(database)
    await database.close()
    return value
  } catch {
    await database.close()
    throw error
  }
}

/// The `PostgresError` that `body` throws.
func postgresError(_ body: () async throws -> Void) async -> PostgresError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? PostgresError
  }
}

/// Holds an advisory lock of the test's database while `body` runs.
func whileLocked<R>(_ admin: Database, key: Int = 1, _ body: () async throws -> R) async throws -> R {
  try await admin.transaction { transaction in
    _ = try await transaction.query("SELECT pg_advisory_xact_lock($1)", .int(key))
    return try await body()
  }
}

/// Returns once so many sessions wait for a lock of `whileLocked`, other than the one with process id `besides`.
func untilWaiting(_ admin: Database, count: Int = 1, besides: Int = 0) async throws -> [Int] {
  try await eventually("\(count) sessions wait") {
    let rows = try await admin.query(
      """
      SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND pid <> $1
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      """, .int(besides))
    return rows.count >= count ? try rows.map { try $0.decode("pid") } : nil
  }
}

/// Two databases at the same place: one under test, one to observe and to hold locks with.
func withObservedDatabase(
  _ configuration: Database.Configuration = Database.Configuration(),
  _ body: (_ database: Database, _ admin: Database) async throws -> Void
) async throws {
  let url = try await TestCluster.shared().makeDatabase()
  try await withDatabase(url: url) { admin in
    _ = try await admin.execute("CREATE TABLE item (id bigint PRIMARY KEY, note text)")
    try await withDatabase(url: url, configuration) { database in
      try await body(database, admin)
    }
  }
}

/// Inserts an item, when the lock of `whileLocked` is free.
let lockedInsert = "INSERT INTO item (id) SELECT $1 FROM pg_advisory_xact_lock_shared(1)"

/// Numbers that concurrent tasks report.
final class Record: Sendable {
  private let numbers = Mutex<[Int]>([])

  var values: [Int] { numbers.withLock { $0 } }

  func append(_ number: Int) {
    numbers.withLock { $0.append(number) }
  }
}

/// The ways of a single statement, for tests of what holds for each of them.
enum Lane: CaseIterable {
  case read
  /// A read whose rows a function gets.
  case callback
  case write
  case exclusive
}

extension Database {
  /// Runs one statement in one of these ways.
  func query(_ sql: String, _ parameters: PostgresValue..., on lane: Lane) async throws -> PostgresRows {
    switch lane {
    case .read: try await query(sql, parameters: parameters)
    case .callback:
      try await withCheckedThrowingContinuation { continuation in
        query(sql, parameters: parameters) { rows in
          continuation.resume(with: rows.mapError { $0 as any Error })
        }
      }
    case .write: try await execute(sql, parameters: parameters)
    case .exclusive: try await executeAlone(sql, parameters: parameters)
    }
  }
}
