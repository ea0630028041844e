import ArgumentParser
import LocalStack
import SwiftProtobuf
import TemporisAPI

/// `temporis token`
struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Create, list and delete access tokens.",
    subcommands: [Create.self, List.self, Delete.self])

  /// `temporis token create`
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create an access token.",
      discussion: "The token is printed once and cannot be shown again: a lost token is deleted and replaced.")

    @OptionGroup var stack: StackOptions

    @Option(help: "What the token is for.")
    var name: String

    @Flag(help: #"Print {"id", "token"}."#)
    var json = false

    func run() async throws {
      try await stack.withStack { client in
        let created = try await client.tokens.createAccessToken(.with { $0.name = name })
        if json { return try Output.json(Created(id: created.accessToken.id, token: created.secret)) }
        Terminal.output.line(created.secret)
        Terminal.error.line("Created \(created.accessToken.id). The token is not shown again.")
      }
    }

    private struct Created: Encodable {
      let id: String
      let token: String
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
        tokens.map(Listed.init), json: json, whenEmpty: "No access tokens: temporis token create --name NAME")
    }

    private struct Listed: Printable {
      let id: String
      let name: String
      let lastFour: String
      let createTime: String
      @OrNull var lastUseTime: String?

      init(_ token: Temporis_Token_V1_AccessToken) {
        id = token.id
        name = token.name
        lastFour = token.lastFour
        createTime = token.createTime.instant
        lastUseTime = token.hasLastUseTime ? token.lastUseTime.instant : nil
      }

      static let headings = ["ID", "NAME", "ENDS IN", "CREATED", "LAST USED"]

      // A use is known by its day alone.
      var cells: [String] { [id, name, lastFour, createTime, lastUseTime.map { String($0.prefix(10)) } ?? "never"] }
    }
  }

  /// `temporis token delete`
  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete an access token. No request that starts afterwards succeeds with it.")

    @OptionGroup var stack: StackOptions

    @Argument(help: "The token's id, tok_….")
    var id: String

    func run() async throws {
      try await stack.withStack { client in
        _ = try await client.tokens.deleteAccessToken(.with { $0.accessTokenID = id })
        Terminal.output.line("Deleted \(id).")
      }
    }
  }
}
