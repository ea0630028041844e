package import GRPCCore

/// The end of the time that a call has, kept for its answer: what its handler asks of others ends before, so that its
/// caller hears why it failed, and not only that its own time is over.
package struct AnswerReserve: Sendable, Hashable {
  private static let longest = Duration.milliseconds(250)

  private let deadline: ContinuousClock.Instant
  private let reserve: Duration

  /// Keeps a tenth of the time that is left, and no more than a quarter of a second.
  package init(until deadline: ContinuousClock.Instant, at now: ContinuousClock.Instant = .now) {
    self.deadline = deadline
    reserve = min(max(now.duration(to: deadline), .zero) / 10, Self.longest)
  }

  /// When the calls must be over that the handler makes.
  package var end: ContinuousClock.Instant { deadline - reserve }

  /// The error to answer: callers are told not to try again an UNAVAILABLE for which there is no time left.
  package func answer(_ error: RPCError, at now: ContinuousClock.Instant = .now) -> RPCError {
    error.code == .unavailable && isTooLateToRetry(at: now) ? error.forbiddingRetries : error
  }

  /// Whether so little is left that another attempt would most likely end with DEADLINE_EXCEEDED in place of the
  /// reason. Twice the reserve: a handler may keep as much again of what it is given.
  private func isTooLateToRetry(at now: ContinuousClock.Instant = .now) -> Bool {
    now.duration(to: deadline) <= reserve * 2
  }
}
