import ArgumentParser
import GRPCCore
import LocalStack
import TemporisAPI

/// The access token that a command changes, and the form in which the outcome is printed.
struct TokenTarget: ParsableArguments {
  @OptionGroup var stack: StackOptions

  @Argument(help: "The token's id, tok_….")
  var id: String

  @Flag(help: "Print a JSON object.")
  var json = false

  /// Changes the token, and prints it with the receipt.
  ///
  /// - Parameters:
  ///   - done: What was done, such as `Disabled`.
  ///   - effect: What holds everywhere since, such as `no verifier accepts it`.
  func change(
    _ done: String, effect: String = "",
    _ change: (StackClient) async throws -> (Temporis_Token_V1_AccessToken, Temporis_Token_V1_RevocationReceipt?)
  ) async throws {
    try await stack.withStack { client in
      let (token, receipt) = try await confirmed { try await change(client) }
      var report = TokenReport(token)
      report.receipt = receipt.flatMap { ReceiptReport($0) }
      if json { return try Output.json(report) }
      Terminal.output.line("\(done) \(id).")
      if let receipt = report.receipt { Terminal.output.line(receipt.sentence(effect)) }
    }
  }

  /// Makes a change that is answered once it holds everywhere, and says how to go on when that is not known.
  func confirmed<R>(orElse advice: String = "Run this again", _ change: () async throws -> R) async throws -> R {
    do {
      return try await change()
    } catch let error as RPCError where error.code == .unavailable || error.code == .deadlineExceeded {
      throw CommandFailure(
        "The stack did not confirm in time: the change may be made, but is not known to hold everywhere. \(advice)")
    }
  }
}
