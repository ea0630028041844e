/// The wait of one change until no verifier answers by what was before: each one that has a lease has acknowledged the
/// change's revision, or its lease has run out.
///
/// It is pure: whoever drives it runs the statements that ``step(at:)`` asks for, tells their results, and answers the
/// change once it has ``passed``. It never passes because of an error or of a caller that has lost patience.
///
/// A statement has a result only if it sees the log's entry at ``position``, its tag included. After a failover a
/// connection may still lead to the old primary: leases that were granted since are not there, so none lags, and a
/// statement that finds nothing to write waits for no standby.
package struct RevocationBarrier: Sendable {
  /// How long verifiers are waited for before they are kept from renewing their leases.
  package static let patience = Duration.milliseconds(50)

  /// What to do next.
  package enum Step: Sendable, Hashable {
    /// Count the leases that have not acknowledged the revision, in a statement that begins after the change's commit.
    case count
    /// Keep those leases from being renewed before they have: set their floor, commit, and only then read the clock.
    case raiseFloor
    /// Delete the leases that still have not, as they have run out, and commit.
    case removeLeases
    /// Answer the change.
    case answer
  }

  /// What must be acknowledged: the change's entry in the log, or a later one.
  package let position: LogPosition
  private let committed: ContinuousClock.Instant
  private var leasesEnd: ContinuousClock.Instant?
  /// Whether the change may be answered.
  private(set) package var passed = false

  /// Begins the wait for a revision.
  ///
  /// A change that finds nothing to do waits for the log's end, and has to write something for that, such as the
  /// counter's row as it is: what it saw may be a commit that the standby does not have, and no failover may undo what
  /// is answered.
  ///
  /// - Parameters:
  ///   - position: The change's entry in the log.
  ///   - now: A time after the change's commit.
  package init(for position: LogPosition, at now: ContinuousClock.Instant) {
    self.position = position
    committed = now
  }

  /// The revision that must be acknowledged.
  package var revision: Int64 { position.revision }

  /// What to do at this time.
  package func step(at now: ContinuousClock.Instant) -> Step {
    if passed { return .answer }
    if let leasesEnd { return now < leasesEnd ? .count : .removeLeases }
    return now < committed + Self.patience ? .count : .raiseFloor
  }

  /// When to go on although no verifier has acknowledged anything.
  package var deadline: ContinuousClock.Instant { leasesEnd ?? committed + Self.patience }

  /// Takes a count of leases that have not acknowledged the revision.
  package mutating func counted(_ lagging: Int) {
    if lagging == 0 { passed = true }
  }

  /// Takes the result of raising the floor.
  ///
  /// - Parameters:
  ///   - longestLease: The longest lease among those that lag; `nil` when none does.
  ///   - now: The time after the commit. A lease that was extended before the commit was asked for before this.
  package mutating func raisedFloor(longestLease: Duration?, at now: ContinuousClock.Instant) {
    if let longestLease { leasesEnd = now + longestLease } else { passed = true }
  }

  /// Takes that the leases which had not acknowledged the revision are deleted.
  package mutating func removedLeases() {
    passed = true
  }
}
