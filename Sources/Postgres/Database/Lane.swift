/// Which kind of connection a statement takes.
package enum Lane: Sendable, Hashable {
  /// Shared and pipelined, read-only on the server.
  case read
  /// Shared and pipelined; every statement commits by itself as far as its caller can tell.
  case write
  /// A connection of its own while it runs: slow statements, and those that refuse a transaction block.
  case exclusive
}
