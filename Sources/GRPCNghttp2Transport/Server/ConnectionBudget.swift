package import GRPCCore
import Synchronization

/// What the requests on one connection may hold in memory at once; from any thread.
package final class ConnectionBudget: Sendable {
  /// What a connection may hold before the server hears of it, in bytes.
  package static let step = 1 << 16

  private let limit: Int
  private let server: MemoryBudget
  private let held = Atomic<Int>(0)

  /// `limit` is in bytes. The connection counts among the server's for as long as somebody holds its budget.
  package init(limit: Int, server: MemoryBudget) {
    self.limit = limit
    self.server = server
    server.changeConnections(by: 1)
  }

  deinit {
    self.server.changeConnections(by: -1)
  }

  /// What is held, in bytes.
  package var heldBytes: Int { self.held.load(ordering: .relaxed) }

  /// Counts `bytes` more.
  ///
  /// Throws RESOURCE_EXHAUSTED, and counts nothing, when that is more than the connection's limit, or more than its
  /// share of the server's.
  package func take(_ bytes: Int) throws(RPCError) {
    var held = self.heldBytes
    while true {
      let new = held + bytes
      guard new <= self.limit else { throw self.limitExceeded }
      try self.server.check(new, adding: Self.told(from: held, to: new))
      let (isTaken, current) = self.held.weakCompareExchange(expected: held, desired: new, ordering: .relaxed)
      if isTaken {
        self.tell(from: held, to: new)
        return
      }
      held = current
    }
  }

  /// Counts `bytes` less, which were taken before.
  package func give(_ bytes: Int) {
    self.change(by: -bytes)
  }

  /// Throws RESOURCE_EXHAUSTED when the connection holds more than its share of the server's limit, and that is used
  /// up.
  package func checkShare() throws(RPCError) {
    try self.server.check(self.heldBytes)
  }

  /// Counts more or less, whatever the limits are; returns what is held then.
  @discardableResult
  func change(by bytes: Int) -> Int {
    let (old, new) = self.held.add(bytes, ordering: .relaxed)
    self.tell(from: old, to: new)
    return new
  }

  private func tell(from old: Int, to new: Int) {
    let bytes = Self.told(from: old, to: new)
    if bytes != 0 {
      self.server.change(by: bytes)
    }
  }

  /// What the server hears of a change. Whole steps: however the changes of several threads are mixed, they add up.
  private static func told(from old: Int, to new: Int) -> Int {
    (new / self.step - old / self.step) * self.step
  }

  private var limitExceeded: RPCError {
    RPCError(
      code: .resourceExhausted,
      message: "The connection's calls hold more than \(self.limit) bytes, its limit (maxHeldBytesPerConnection).")
  }
}

/// What a connection's calls take by being open, which the budget is told now and then; on the event loop only.
struct OpenCallBytes {
  private(set) var bytes = 0
  private var told = 0

  /// What one call may hold before it counts by itself: an ordinary request's metadata and message.
  static let freeBytes = 4096
  /// What an open call counts: that, and what the transport and GRPCCore make for it.
  static let perCall = freeBytes + 16_384

  mutating func change(by amount: Int, _ budget: ConnectionBudget) {
    self.bytes += amount
    let untold = self.bytes - self.told
    guard abs(untold) >= ConnectionBudget.step || self.bytes == 0 && untold != 0 else { return }
    budget.change(by: untold)
    self.told = self.bytes
  }
}
