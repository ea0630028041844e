import ArgumentParser
import LocalStack
import SwiftProtobuf
import TemporisAPI

/// `temporis token`
struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Create, list, show, change, rotate, disable, delete and check access tokens.",
    subcommands: [
      Create.self, List.self, Show.self, Rename.self, Update.self, Rotate.self, Disable.self, Enable.self, Delete.self,
      Check.self,
    ])

  /// `temporis token create`
  struct Create: AsyncParsableCommand, FieldNaming {
    static let configuration = CommandConfiguration(
      abstract: "Create an access token.",
      discussion: "Without --permission it may do everything. The token is printed once and cannot be shown again: a "
        + "lost token is rotated, or deleted and replaced.")

    @OptionGroup var stack: StackOptions

    @Option(help: "What the token is for.")
    var name: String

    @Option(
      name: .customLong("expires-in"),
      help: ArgumentHelp(
        "How long it works, such as 90d, 12h or 30m. [default: until it is deleted]", valueName: "time"))
    var lifetime: TimeSpan?

    @OptionGroup var permissions: PermissionOptions

    @Flag(help: #"Print {"id", "token"}."#)
    var json = false

    var fieldNames: [String: String] {
      ["name": "--name", "lifetime": "--expires-in", "permissions": "--permission"]
    }

    func run() async throws {
      try await stack.withStack { client in
        let created = try await client.tokens.createAccessToken(
          .with {
            $0.name = name
            $0.permissions = permissions.values
            if let lifetime { $0.lifetime = lifetime.duration }
          })
        if json { return try Output.json(NewSecret(id: created.accessToken.id, token: created.secret)) }
        Terminal.output.line(created.secret)
        Terminal.error.line("Created \(created.accessToken.id). The token is not shown again.")
      }
    }
  }

  /// `temporis token list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List access tokens, newest first, without their secrets.")

    @OptionGroup var stack: StackOptions

    @Flag(help: "Print a JSON array.")
    var json = false

    func run() async throws {
      let tokens = try await stack.withStack { try await $0.allTokens() }
      try Output.render(
        tokens.map { TokenReport($0) }, json: json, whenEmpty: "No access tokens: temporis token create --name NAME")
    }
  }

  /// `temporis token show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show an access token, and what it was used for in the last 24 hours.")

    @OptionGroup var stack: StackOptions

    @Argument(help: "The token's id, tok_….")
    var id: String

    @Flag(help: "Print a JSON object.")
    var json = false

    func run() async throws {
      try await stack.withStack { client in
        var report = TokenReport(try await client.token(id))
        report.usage = try await client.usage(ofToken: id).map(TokenReport.Usage.init)
        if json { return try Output.json(report) }
        report.facts.print()
      }
    }
  }
}

/// A secret that is printed once, as JSON.
struct NewSecret: Encodable {
  let id: String
  let token: String
  /// When a rotation held everywhere.
  var receipt: ReceiptReport?
}
