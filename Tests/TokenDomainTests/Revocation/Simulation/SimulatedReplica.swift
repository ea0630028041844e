import TokenDomain

/// A replica of the token service: it carries out changes, waits for the verifiers' leases, and serves streams.
final class SimulatedReplica {
  /// The transaction of several changes. There is one at a time.
  struct Batch {
    let changes: [Change]
    let connection: SimulatedDatabase.Connection
    /// What to change, with the revisions, once the counter's row is locked; `nil` before.
    var revisions: [(Change, LogPosition?)]?
  }

  /// A statement that a change waits for has been run, and its result is on its way.
  enum Result {
    case counted(Int)
    case raisedFloor(longestLease: Duration?)
    case removedLeases
  }

  /// A change that is committed and not answered yet.
  struct Wait {
    let change: Change
    /// Whether there was anything to change.
    let hadEffect: Bool
    var barrier: RevocationBarrier
    var result: Result?
  }

  /// Which replica it is.
  let number: Int
  /// How long leases are that it grants.
  let lease: Duration
  /// How often it was started.
  private(set) var start = 0
  private(set) var clock: ProcessClock
  /// Whether it is stopped for a while.
  var isPaused = false
  var queue: [Change] = []
  var batch: Batch?
  var waits: [Wait] = []
  /// What streams have acknowledged, to be written in one statement.
  var acknowledgements: [(session: VerifierSessionID, position: LogPosition)] = []

  init(number: Int, lease: Duration, using random: inout SimulationRandom) {
    self.number = number
    self.lease = lease
    clock = ProcessClock(using: &random)
  }

  /// Whether clients wait for it.
  var isBusy: Bool { !queue.isEmpty || batch != nil || !waits.isEmpty }

  /// Kills the process and starts another.
  func restart(using random: inout SimulationRandom) {
    start += 1
    clock = ProcessClock(using: &random)
    isPaused = false
    queue = []
    batch = nil
    waits = []
    acknowledgements = []
  }
}
