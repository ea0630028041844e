import GRPCCore
package import GRPCNghttp2Transport

// The deadline of a call that is handled is that of the calls which its handler makes, so that nothing is done for an answer
// that nobody reads.
extension CallDeadline {
  /// Makes calls that may take `timeout` altogether, and no longer than the call that they are made for.
  /// - Throws: DEADLINE_EXCEEDED when the time is over before, or what `calls` throws, which a call's own end in time is.
  package static func within<Answer: Sendable>(
    _ timeout: Duration, _ calls: () async throws -> Answer
  ) async throws -> Answer {
    let now = ContinuousClock.now
    let timeout = min(timeout, current.map { now.duration(to: $0) } ?? timeout)
    guard timeout > .zero else { throw RPCError(code: .deadlineExceeded, message: "The time for the call is over.") }
    return try await $current.withValue(now + timeout) { try await calls() }
  }
}
