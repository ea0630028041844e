package import GRPCCore

/// When the caller of the present task stops waiting for it, so that nothing is done for an answer that nobody reads.
package enum CallDeadline {
  /// Set while a call is handled that has a deadline; inherited by child tasks and not by detached ones.
  @TaskLocal package static var current: ContinuousClock.Instant?

  /// Makes a call that may take `timeout`, and no longer than the call that it is made for.
  ///
  /// The options hold that limit for the server and GRPCCore. It is enforced here as well: while a call that may be retried
  /// waits for a connection or for its next attempt, GRPCCore doesn't look at its deadline.
  /// - Throws: DEADLINE_EXCEEDED when the time is over, or what `call` throws.
  package static func within<Answer: Sendable>(
    _ timeout: Duration, _ call: @escaping @Sendable (CallOptions) async throws -> Answer
  ) async throws -> Answer {
    let now = ContinuousClock.now
    let timeout = min(timeout, current.map { now.duration(to: $0) } ?? timeout)
    let tooLate = RPCError(code: .deadlineExceeded, message: "The time for the call is over.")
    guard timeout > .zero else { throw tooLate }
    var options = CallOptions.defaults
    options.timeout = timeout
    return try await withThrowingTaskGroup(of: Answer?.self) { [options] group in
      group.addTask { try await call(options) }
      group.addTask {
        try await Task.sleep(until: now + timeout, tolerance: .zero)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let answer = first else { throw tooLate }
      return answer
    }
  }
}
