import GRPCCore
import Synchronization

/// What the requests on all connections of a server may hold in memory at once.
///
/// Connections tell what they hold in steps, so that ordinary calls of different event loops don't meet here.
package final class MemoryBudget: Sendable {
  private let limit: Int
  private let maxConnections: Int
  private let held = Atomic<Int>(0)
  private let connections = Atomic<Int>(0)

  /// `limit` is in bytes; there are at most `maxConnections` at once.
  package init(limit: Int, maxConnections: Int) {
    self.limit = limit
    self.maxConnections = maxConnections
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

  /// Throws RESOURCE_EXHAUSTED when the limit would be passed with `added` bytes more and a connection that then has
  /// `bytes` holds more than its share of it.
  ///
  /// What others hold is no reason to refuse a connection its share. As shares shrink with each connection more and
  /// nothing is taken back, only the least share counts, as of all connections that there may be, once the limit is
  /// passed by half: all together never hold more than twice the limit.
  func check(_ bytes: Int, adding added: Int = 0) throws(RPCError) {
    let excess = self.heldBytes + added - self.limit
    guard excess > 0 else { return }
    let leastShare = self.limit / 2 / max(1, self.maxConnections)
    let share = self.limit / max(1, self.connections.load(ordering: .relaxed))
    guard bytes > (excess > self.limit / 2 ? leastShare : share) else { return }
    throw RPCError(
      code: .resourceExhausted,
      message: """
        The server's calls hold more than \(self.limit) bytes, its limit (maxHeldBytes), and those of this connection \
        more than its share.
        """)
  }
}
