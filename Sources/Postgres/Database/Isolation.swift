/// How much of the others a transaction sees (PostgreSQL documentation, 13.2).
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
