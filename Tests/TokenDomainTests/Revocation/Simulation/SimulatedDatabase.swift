import TokenDomain

/// PostgreSQL as far as the protocol relies on it: a primary, a synchronous standby, and after a failover the old
/// primary, to which some connections still lead.
///
/// A synchronous commit is on the primary's disk and on the standby, and with it all that was written before, as the
/// log of writes is one; an asynchronous one is seen at once, and lost by a crash until a synchronous one follows.
struct SimulatedDatabase {
  /// What a client knows of its write.
  enum Outcome {
    case committed
    /// It was carried out or not, or only on a node that will lose it: an error, or a warning on COMMIT.
    case unknown
  }

  /// What a statement or a transaction runs on. It may be to the old primary, and ends with its node.
  struct Connection: Equatable {
    fileprivate let timeline: Int
    fileprivate let start: Int
  }

  private enum Node {
    case primary
    case old
    case gone
  }

  private let oldShare: Int
  private(set) var primary: Tables
  private var disk: Tables
  private(set) var standby: Tables?
  private(set) var old: Tables?
  /// Whether the standby follows. While it doesn't, no synchronous commit succeeds.
  private(set) var isReplicating = true
  private var current = Connection(timeline: 0, start: 0)
  var locks = DatabaseLocks()

  init(hasStandby: Bool, oldShare: Int, tag: UInt64) {
    self.oldShare = oldShare
    primary = Tables(tag: tag)
    disk = primary
    standby = hasStandby ? primary : nil
  }

  // MARK: - Connections

  /// Takes a connection of a pool.
  func connect(_ random: inout SimulationRandom) -> Connection {
    guard old != nil, random.chance(percent: oldShare) else { return current }
    return Connection(timeline: current.timeline - 1, start: 0)
  }

  /// Whether transactions on the connection go on.
  func isOpen(_ connection: Connection) -> Bool { node(of: connection) != .gone }

  /// Whether the connection leads to the primary, where locks are.
  func isPrimary(_ connection: Connection) -> Bool { connection == current }

  /// The rows that a statement sees.
  func tables(over connection: Connection) -> Tables {
    node(of: connection) == .old ? old ?? primary : primary
  }

  private func node(of connection: Connection) -> Node {
    if connection == current { return .primary }
    return connection.timeline < current.timeline && old != nil ? .old : .gone
  }

  // MARK: - Writing

  /// Runs a statement or a transaction's COMMIT, with synchronous_commit on.
  ///
  /// - Parameter write: Writes, and tells whether there was anything to write: COMMIT waits for nobody otherwise.
  mutating func commit(
    over connection: Connection, _ random: inout SimulationRandom, _ write: (inout Tables) -> Bool
  ) -> Outcome {
    let node = node(of: connection)
    guard node != .gone else { return .unknown }
    var written = tables(over: connection)
    guard write(&written) else { return .committed }
    // No standby confirms it. It is seen on this node alone once the wait for one is cancelled, or the node restarts.
    guard node == .primary, standby == nil || isReplicating else {
      if random.chance(percent: 50) { keep(written, on: node) }
      return .unknown
    }
    if random.chance(percent: 2) { return .unknown }
    keep(written, on: .primary)
    if standby != nil { standby = written }
    return random.chance(percent: 2) ? .unknown : .committed
  }

  /// Runs a statement with synchronous_commit off.
  mutating func commitLater(over connection: Connection, _ write: (inout Tables) -> Void) {
    switch node(of: connection) {
    case .primary:
      write(&primary)
    case .old:
      var written = tables(over: connection)
      write(&written)
      old = written
    case .gone:
      break
    }
  }

  private mutating func keep(_ written: Tables, on node: Node) {
    if node == .old {
      old = written
    } else {
      primary = written
      disk = written
    }
  }
}

// MARK: - Faults

extension SimulatedDatabase {
  /// Stops the primary and starts it again: what was not on its disk is lost, and transactions end.
  mutating func restart() {
    primary = disk
    current = Connection(timeline: current.timeline, start: current.start + 1)
    locks = DatabaseLocks()
  }

  /// Promotes the standby. The old primary lingers: it does not know.
  mutating func failOver() {
    guard let standby else { return }
    old = primary
    primary = standby
    disk = standby
    self.standby = nil
    isReplicating = true
    current = Connection(timeline: current.timeline + 1, start: 0)
    locks = DatabaseLocks()
  }

  /// The old primary is gone at last.
  mutating func stopOld() {
    old = nil
  }

  /// Cuts the standby off.
  mutating func stopReplication() {
    isReplicating = false
  }

  /// The standby catches up.
  mutating func resumeReplication() {
    isReplicating = true
    if standby != nil { standby = primary }
  }

  /// The log of writes reaches the disk by itself.
  mutating func flush() {
    disk = primary
  }
}
