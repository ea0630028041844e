import Forecasting
import GRPCCore
import LocalStack
import ServiceKit

/// The reason why a command failed: one line for a person, or one for each field that a service refused.
package struct CommandFailure: Error, Hashable {
  /// The reason, without line ends of its own.
  package let lines: [String]

  /// Creates a failure with a line of its own.
  init(_ line: String) {
    lines = [line]
  }

  /// Creates the failure of a command whose call a service refused or did not answer.
  ///
  /// - Parameter fieldNames: The command's ``FieldNaming/fieldNames``.
  init(_ error: RPCError, fieldNames: [String: String] = [:]) {
    lines = Self.lines(of: error, fieldNames)
  }

  /// Creates the failure of a command whose settings, arguments or rows the engine refused.
  ///
  /// - Parameter fieldNames: What the command line calls a setting.
  init(_ error: ForecastError, fieldNames: [String: String]) {
    lines =
      error.violations.isEmpty
      ? [error.message]
      : error.violations.map { FieldViolation(field: $0.setting, rule: $0.rule).sentence(naming: fieldNames) }
  }

  private static func lines(of error: RPCError, _ fieldNames: [String: String]) -> [String] {
    if let refusal = ServiceError(error), refusal.reason != .unavailable {
      if refusal.reason == .accessTokenInvalid {
        return ["The session has ended or is not of this stack: sign in with `temporis account sign-in`"]
      }
      return refusal.violations.isEmpty ? [refusal.message] : refusal.violations.map { $0.sentence(naming: fieldNames) }
    }
    switch error.code {
    case .unavailable, .deadlineExceeded: return ["The stack does not answer: is `temporis up` still running?"]
    default: return [error.message.isEmpty ? "The service answered \(error.code)" : error.message]
    }
  }

  /// Writes each line to standard error.
  func print() {
    for line in lines { Self.print(line) }
  }

  /// Writes one line to standard error, whatever the text holds.
  static func print(_ text: String) {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    Terminal.error.line("temporis: \(line.printable)")
  }
}
