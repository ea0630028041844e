import ArgumentParser
import LocalStack
import SwiftProtobuf
import TemporisAPI

/// `temporis account`
struct AccountCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account", abstract: "Create accounts and sign in.", subcommands: [Create.self, SignIn.self])

  /// `temporis account create`
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create an account and sign in.", discussion: AccountOptions.discussion)

    @OptionGroup var options: AccountOptions

    func run() async throws {
      let password = try PasswordSource(file: options.passwordFile).read()
      let (email, json) = (options.email, options.json)
      try await options.stack.withStack { client in
        let account = Temporis_Token_V1_CreateAccountRequest.with {
          $0.email = email
          $0.password = password
        }
        _ = try await client.accounts.createAccount(account)
        try await AccountOptions.signIn(
          client, email: email, password: password, json: json, saying: "Created account")
      }
    }
  }

  /// `temporis account sign-in`
  struct SignIn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "sign-in", abstract: "Sign in to an account.", discussion: AccountOptions.discussion)

    @OptionGroup var options: AccountOptions

    func run() async throws {
      let password = try PasswordSource(file: options.passwordFile, isNew: false).read()
      let (email, json) = (options.email, options.json)
      try await options.stack.withStack { client in
        try await AccountOptions.signIn(
          client, email: email, password: password, json: json, saying: "Signed in to account")
      }
    }
  }
}
