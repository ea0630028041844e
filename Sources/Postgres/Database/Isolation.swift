/// The isolation level of a transaction (PostgreSQL documentation, 13.2).
package enum Isolation: Sendable, Hashable {
  case readCommitted
  /// May fail with SQLSTATE 40001.
  case repeatableRead
  /// May fail with SQLSTATE 40001.
  case serializable

  var begin: String {
    switch self {
    case .readCommitted: "BEGIN ISOLATION LEVEL READ COMMITTED"
    case .repeatableRead: "BEGIN ISOLATION LEVEL REPEATABLE READ"
    case .serializable: "BEGIN ISOLATION LEVEL SERIALIZABLE"
    }
  }
}

/// What a commit waits for (PostgreSQL documentation, 20.5.1).
package enum SynchronousCommit: String, Sendable, Hashable {
  /// The commit is on the disk, and on the synchronous standbys' if the server has any.
  case on
  /// Nothing: a crash of the server may lose the commits of the last moments, as if they had never been.
  case off

  /// A statement that sets it for the transaction in which it runs.
  var local: String { "SELECT pg_catalog.set_config('synchronous_commit', '\(rawValue)', true)" }
}
