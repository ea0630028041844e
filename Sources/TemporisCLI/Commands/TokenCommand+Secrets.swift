import ArgumentParser
import Foundation
import GRPCCore
import LocalStack
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

extension TokenCommand {
  /// `temporis token rotate`
  struct Rotate: AsyncParsableCommand, FieldNaming {
    static let configuration = CommandConfiguration(
      abstract: "Give an access token a new secret.",
      discussion: "The new secret is printed once and cannot be shown again.")

    @OptionGroup var target: TokenTarget

    @Option(
      help: ArgumentHelp(
        "How long the present secret works on, such as 1d or 12h. [default: it stops at once]", valueName: "time"))
    var grace: TimeSpan?

    var fieldNames: [String: String] { ["grace": "--grace"] }

    func run() async throws {
      try await target.stack.withStack { client in
        let rotated = try await target.confirmed(
          orElse: "Look at `temporis token show` first: if it was made, its new secret is lost, and rotating again "
            + "ends the one before at once"
        ) {
          try await client.tokens.rotateAccessToken(
            .with {
              $0.accessTokenID = target.id
              if let grace { $0.grace = grace.duration }
            })
        }
        let (token, receipt) = (rotated.accessToken, ReceiptReport(rotated.receipt))
        if target.json { return try Output.json(NewSecret(id: token.id, token: rotated.secret, receipt: receipt)) }
        Terminal.output.line(rotated.secret)
        let before =
          token.hasPreviousSecretExpireTime
          ? "works on until \(token.previousSecretExpireTime.instant)" : "has stopped"
        Terminal.error.line(
          "Rotated \(token.id). The new secret is not shown again; the one before \(before).")
        if let receipt { Terminal.error.line(receipt.sentence("every verifier goes by it")) }
      }
    }
  }

  /// `temporis token delete`
  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete an access token.",
      discussion: "Says what ends with it, and asks if there is a terminal to ask on. No request that starts after the "
        + "command's end succeeds with the token.")

    @OptionGroup var target: TokenTarget

    @Flag(help: "Neither say what ends nor ask.")
    var yes = false

    func run() async throws {
      try await target.stack.withStack { client in
        if !yes { try await confirm(client) }
        let deleted = try await target.confirmed {
          try await client.tokens.deleteAccessToken(.with { $0.accessTokenID = target.id })
        }
        let receipt = ReceiptReport(deleted.receipt)
        if target.json { return try Output.json(Deleted(id: target.id, receipt: receipt)) }
        Terminal.output.line("Deleted \(target.id).")
        if let receipt { Terminal.output.line(receipt.sentence("no verifier accepts it")) }
      }
    }

    /// Says what ends, and asks where somebody can answer: a script that deletes a token has made up its mind.
    private func confirm(_ client: StackClient) async throws {
      let token: Temporis_Token_V1_AccessToken
      do {
        token = try await client.token(target.id)
      } catch let error as RPCError where ServiceError(error)?.reason == .accessTokenNotFound {
        // It may be deleted and not dead everywhere yet, for which another deletion waits.
        return
      }
      var report = TokenReport(token)
      report.usage = try await client.usage(ofToken: target.id).map(TokenReport.Usage.init)
      if ConfirmationOptions.canAsk {
        try await ConfirmationOptions.ask("delete the access token \(report.ending)")
      } else {
        Terminal.error.line("Deleting the access token \(report.ending.printable).")
      }
    }

    private struct Deleted: Encodable {
      let id: String
      let receipt: ReceiptReport?
    }
  }

  /// `temporis token check`
  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tell whether standard input holds a well-formed access token or session, by its check digits.",
      discussion: "Nothing is asked and nothing is sent: whether the token works is not known. The token is read from "
        + "standard input, as others can see a command line, and it is never printed. Exit status: 0 when it is well "
        + "formed, else 1.")

    // Without it a token that is given by mistake would be printed as an argument that nobody expects.
    @Argument(help: .hidden)
    var arguments: [String] = []

    func validate() throws {
      guard arguments.isEmpty else {
        throw ValidationError("The token is read from standard input: others can see what is on the command line")
      }
    }

    func run() async throws {
      let text: String?
      if isatty(STDIN_FILENO) == 1 {
        text = try await PasswordSource.hiddenAnswers(to: ["Token: "]).first
      } else {
        text = await StandardInput.line()
        guard await StandardInput.line() == nil else { throw CommandFailure("Give one token, in one line") }
      }
      switch text.flatMap({ Secret($0) })?.kind {
      case .accessToken: Terminal.output.line("A well-formed access token.")
      case .dashboardSession: Terminal.output.line("A well-formed dashboard session.")
      case nil:
        throw CommandFailure("No token: its prefix, its length, a character or its check digits are wrong")
      }
    }
  }
}
