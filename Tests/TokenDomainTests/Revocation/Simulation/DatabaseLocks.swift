/// The row locks that make one transaction wait for another.
struct DatabaseLocks {
  private var counterOwner: Int?
  private var counterShares = 0
  private var owners: [Int?] = Array(repeating: nil, count: Subject.all.count)

  /// Locks the row of a credential or an account for a replica's transaction. Returns whether it had not to wait.
  mutating func lock(_ subject: Subject, for replica: Int) -> Bool {
    guard owners[subject.index] == nil else { return false }
    owners[subject.index] = replica
    return true
  }

  /// Locks the counter's row for a replica's transaction. Returns whether it had not to wait.
  mutating func lockCounter(for replica: Int) -> Bool {
    guard counterOwner == nil, counterShares == 0 else { return false }
    counterOwner = replica
    return true
  }

  /// Locks the counter's row FOR SHARE. Returns whether it had not to wait.
  mutating func shareCounter() -> Bool {
    guard counterOwner == nil else { return false }
    counterShares += 1
    return true
  }

  /// Ends a transaction that had locked the counter's row FOR SHARE.
  mutating func endShare() {
    counterShares -= 1
  }

  /// Ends a replica's transaction.
  mutating func end(of replica: Int) {
    if counterOwner == replica { counterOwner = nil }
    for index in owners.indices where owners[index] == replica { owners[index] = nil }
  }
}
