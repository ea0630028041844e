import GRPCCore
import Synchronization

/// What the requests on all connections of a server may hold in memory at once.
///
/// Connections tell what they hold in steps, so that ordinary calls of different event loops don't meet here.
package final class MemoryBudget: Sendable {
  private let limit: Int
  private let held = Atomic<Int>(0)
  private let connections = Atomic<Int>(0)

  /// `limit` is in bytes.
  package init(limit: Int) {
    self.limit = limit
  }

  /// What connections have told, in bytes.
  package var heldBytes: Int { self.held.load(ordering: .relaxed) }

  /// Counts one connection more, or one less for -1.
  func changeConnections(by amount: Int) {
    self.connections.add(amount, ordering: .relaxed)
  }

  func change(by bytes: Int) {
    self.held.add(bytes, ordering: .relaxed)
  }

  /// Throws RESOURCE_EXHAUSTED when the limit is passed and a connection with `bytes` holds more than its share of it.
  ///
  /// What others hold is no reason to refuse a connection its share. So all together may hold up to twice the limit, should
  /// those that held more be slow to give it back.
  func check(_ bytes: Int) throws(RPCError) {
    guard self.heldBytes > self.limit, bytes > self.limit / max(1, self.connections.load(ordering: .relaxed)) else {
      return
    }
    throw RPCError(
      code: .resourceExhausted,
      message: """
        The server's calls hold more than \(self.limit) bytes, its limit (maxHeldBytes), and those of this connection \
        more than its share.
        """)
  }
}
