/// What a connection's calls take by being open, which the budget is told now and then; on the event loop only.
struct OpenCallBytes {
  private(set) var bytes = 0
  private var told = 0

  /// What one call may hold before it counts by itself: an ordinary request's metadata and message.
  static let freeBytes = 4096
  /// What an open call counts: that, and what the transport and GRPCCore make for it.
  static let perCall = freeBytes + 6144

  mutating func change(by amount: Int, _ budget: ConnectionBudget) {
    self.bytes += amount
    let untold = self.bytes - self.told
    guard abs(untold) >= ConnectionBudget.step || self.bytes == 0 && untold != 0 else { return }
    budget.change(by: untold)
    self.told = self.bytes
  }
}
