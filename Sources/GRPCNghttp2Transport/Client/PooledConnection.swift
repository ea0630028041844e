/// What a pool has to know of a connection.
package protocol PooledConnection: AnyObject, Sendable {
  /// Calls that can be sent at once before the server's limit makes them wait.
  var freeCalls: Int { get }

  /// The calls that were given the connection and haven't ended, and those that its server lately took no part in: one
  /// that refuses all at once has no others, and would otherwise draw every call.
  var load: Int { get }

  /// Whether the server has answered a call on it, or has left one unanswered that it promised to process.
  var isProven: Bool { get }
}
