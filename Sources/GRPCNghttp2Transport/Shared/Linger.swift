package import NIOCore

/// How long a socket stays open after its last bytes were written, without clock and socket.
///
/// Linux resets a socket that is closed with bytes of the peer unread or still to come, and so throws away what was
/// written last (RFC 9112 section 9.6). So the peer is given time: as long as something of it leaves, and beyond that a
/// while in which nothing does.
package struct Linger {
  /// What to do now.
  package enum Step: Hashable {
    /// Ask again then, or earlier.
    case wait(until: NIODeadline)
    case close
  }

  /// What the peer hasn't got yet, in bytes as each place counts them.
  package struct Unsent: Hashable {
    /// What the kernel hasn't taken.
    package var queued = 0
    /// What the kernel has taken, and the peer's hasn't acknowledged.
    package var unacknowledged = 0

    package init(queued: Int = 0, unacknowledged: Int = 0) {
      self.queued = queued
      self.unacknowledged = unacknowledged
    }

    /// Whether bytes have left since `earlier`.
    func hasFallen(since earlier: Self) -> Bool {
      self.queued < earlier.queued || self.unacknowledged < earlier.unacknowledged
    }
  }

  private let patience: TimeAmount
  private var unsent: Unsent
  /// Since when nothing is known to have left.
  private var stalled: NIODeadline
  private var end: NIODeadline?

  /// Starts with the last write. The peer has until `end`, if there is one, as long as bytes leave at least once in
  /// each `patience`; that is exact to a quarter.
  package init(_ unsent: Unsent, patience: TimeAmount, end: NIODeadline?, at now: NIODeadline) {
    self.patience = patience
    self.unsent = unsent
    self.stalled = now
    self.end = end
  }

  /// Has it end at `deadline`, or when it would have ended earlier.
  package mutating func limit(to deadline: NIODeadline) {
    self.end = min(deadline, self.end ?? deadline)
  }

  package mutating func step(_ unsent: Unsent, at now: NIODeadline) -> Step {
    if unsent.hasFallen(since: self.unsent) {
      self.stalled = now
    }
    self.unsent = unsent
    let deadline = min(self.stalled + self.patience, self.end ?? .distantFuture)
    guard now < deadline else { return .close }
    return .wait(until: min(deadline, now + .nanoseconds(max(self.patience.nanoseconds / 4, 1))))
  }
}
