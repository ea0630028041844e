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
      let (name, json) = (name, json)
      try await stack.withStack { client in
        let request = Temporis_Token_V1_CreateAccessTokenRequest.with { $0.name = name }
        let created = try await client.tokens.createAccessToken(
          request, metadata: client.metadata)
        if json {
          try JSONOutput.print(Created(id: created.accessToken.id, token: created.secret))
        } else {
          Terminal.output.line(created.secret)
          Terminal.error.line("Created \(created.accessToken.id). The token is not shown again.")
        }
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
      let json = json
      try await stack.withStack { client in
        let tokens = try await client.allTokens()
        if json {
          return try JSONOutput.print(tokens.map(Listed.init))
        }
        var table = Table(headings: ["ID", "NAME", "ENDS IN", "CREATED", "LAST USED"])
        for token in tokens {
          table.add([
            token.id, token.name, token.lastFour, token.createTime.minute,
            token.hasLastUseTime ? token.lastUseTime.day : "never",
          ])
        }
        table.print(whenEmpty: "No access tokens: temporis token create --name NAME")
      }
    }

    private struct Listed: Encodable {
      let id: String
      let name: String
      let lastFour: String
      let createTime: String

      init(_ token: Temporis_Token_V1_AccessToken) {
        id = token.id
        name = token.name
        lastFour = token.lastFour
        createTime = token.createTime.instant
      }

      private enum CodingKeys: String, CodingKey {
        case id, name
        case lastFour = "last_four"
        case createTime = "create_time"
      }
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
      let id = id
      try await stack.withStack { client in
        let request = Temporis_Token_V1_DeleteAccessTokenRequest.with { $0.accessTokenID = id }
        _ = try await client.tokens.deleteAccessToken(request, metadata: client.metadata)
        Terminal.output.line("Deleted \(id).")
      }
    }
  }
}
