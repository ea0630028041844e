import ArgumentParser
import Foundation
import LocalStack
import SwiftProtobuf
import TemporisAPI

/// `temporis account`
struct AccountCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account", abstract: "Create accounts.", subcommands: [Create.self])

  /// `temporis account create`
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create an account and sign in.",
      discussion: """
        The password comes from --password-file, TEMPORIS_PASSWORD, standard input, or a prompt on a terminal; never \
        from the command line. The session lets other commands act for the account: TEMPORIS_SESSION or --session-file.
        """)

    @OptionGroup var stack: StackOptions

    @Option(help: ArgumentHelp("The address that signs in.", valueName: "address"))
    var email: String

    @Option(
      name: .customLong("password-file"),
      help: ArgumentHelp("A file that holds the password; - for standard input.", valueName: "file"))
    var passwordFile: String?

    @Flag(help: #"Print {"email", "account_id", "session"}."#)
    var json = false

    func run() async throws {
      let password = try PasswordSource(file: passwordFile).read()
      let (email, json) = (email, json)
      try await stack.withStack { client in
        let account = Temporis_Token_V1_CreateAccountRequest.with {
          $0.email = email
          $0.password = password
        }
        _ = try await client.accounts.createAccount(account, options: client.options)
        let request = Temporis_Token_V1_CreateSessionRequest.with {
          $0.email = email
          $0.password = password
        }
        let created = try await client.accounts.createSession(request, options: client.options)
        if json {
          try JSONOutput.print(
            Created(email: created.account.email, accountID: created.account.id, session: created.secret))
        } else {
          Terminal.output.line("Created account \(created.account.id) for \(created.account.email).")
          Terminal.output.line("To act for it: export TEMPORIS_SESSION=\(created.secret)")
        }
      }
    }

    private struct Created: Encodable {
      let email: String
      let accountID: String
      let session: String

      private enum CodingKeys: String, CodingKey {
        case email, session
        case accountID = "account_id"
      }
    }
  }
}
