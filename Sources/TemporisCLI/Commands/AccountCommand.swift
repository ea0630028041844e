import ArgumentParser
import LocalStack
import SwiftProtobuf
import TemporisAPI

/// `temporis account`
struct AccountCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account", abstract: "Create accounts and sign in.", subcommands: [Create.self, SignIn.self])

  /// `temporis account create`
  struct Create: AsyncParsableCommand, FieldNaming {
    static let configuration = CommandConfiguration(
      abstract: "Create an account and sign in.", discussion: AccountOptions.discussion)

    @OptionGroup var options: AccountOptions

    var fieldNames: [String: String] { ["email": "--email", "password": "the password"] }

    func run() async throws {
      let password = try await PasswordSource(file: options.passwordFile).read()
      try await options.stack.withStack(isSignedIn: false) { client in
        _ = try await client.accounts.createAccount(
          .with {
            $0.email = options.email
            $0.password = password
          })
        try await options.signIn(client, password: password, saying: "Created account")
      }
    }
  }

  /// `temporis account sign-in`
  struct SignIn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "sign-in", abstract: "Sign in to an account.", discussion: AccountOptions.discussion)

    @OptionGroup var options: AccountOptions

    func run() async throws {
      let password = try await PasswordSource(file: options.passwordFile, isNew: false).read()
      try await options.stack.withStack(isSignedIn: false) { client in
        try await options.signIn(client, password: password, saying: "Signed in to account")
      }
    }
  }
}
