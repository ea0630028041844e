import GRPCCore
import ServiceKit

/// Why a command failed: one line for a person.
struct CommandFailure: Error, Hashable, CustomStringConvertible {
  /// What is wrong.
  let description: String

  /// Creates a failure with a line of its own.
  init(_ description: String) {
    self.description = description
  }

  /// What a service answered.
  init(_ error: RPCError) {
    if let refusal = ServiceError(error), refusal.reason != .unavailable {
      description =
        refusal.reason == .accessTokenInvalid
        ? "The session has ended or is not of this stack: sign in with `temporis account sign-in`" : refusal.message
      return
    }
    switch error.code {
    case .unavailable, .deadlineExceeded:
      description = "The stack does not answer: is `temporis up` still running?"
    default:
      description = error.message.isEmpty ? "The service answered \(error.code)" : error.message
    }
  }
}
