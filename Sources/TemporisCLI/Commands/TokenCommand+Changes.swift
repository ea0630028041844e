import ArgumentParser
import Foundation
import LocalStack
import SwiftProtobuf
import TemporisAPI

extension TokenCommand {
  /// `temporis token rename`
  struct Rename: AsyncParsableCommand, FieldNaming {
    static let configuration = CommandConfiguration(abstract: "Rename an access token.")

    @OptionGroup var target: TokenTarget

    @Option(help: "What the token is for.")
    var name: String

    var fieldNames: [String: String] { ["name": "--name"] }

    func run() async throws {
      try await target.change("Renamed") { client in
        let renamed = try await client.tokens.updateAccessToken(
          .with {
            $0.accessToken.id = target.id
            $0.accessToken.name = name
            $0.updateMask.paths = ["name"]
          })
        return (renamed.accessToken, nil)
      }
    }
  }

  /// `temporis token update`
  struct Update: AsyncParsableCommand, FieldNaming {
    static let configuration = CommandConfiguration(
      abstract: "Change what an access token may do, or when it expires.",
      discussion: "No request that starts after the command's end is judged by what was before.")

    @OptionGroup var target: TokenTarget

    @OptionGroup var permissions: PermissionOptions

    @Option(
      name: .customLong("expires-in"),
      help: ArgumentHelp("How long it works from now on, such as 90d, 12h or 30m.", valueName: "time"))
    var lifetime: TimeSpan?

    @Flag(name: .customLong("no-expiry"), help: "Let it work until it is deleted.")
    var neverExpires = false

    var fieldNames: [String: String] { ["expire_time": "--expires-in", "permissions": "--permission"] }

    func validate() throws {
      guard lifetime == nil || !neverExpires else {
        throw ValidationError("--expires-in and --no-expiry exclude each other")
      }
      guard lifetime != nil || neverExpires || !permissions.names.isEmpty else {
        throw ValidationError("Say what changes: --permission, --expires-in or --no-expiry")
      }
    }

    func run() async throws {
      try await target.change("Changed", effect: "every verifier goes by it") { client in
        let updated = try await client.tokens.updateAccessToken(
          .with {
            $0.accessToken.id = target.id
            if !permissions.names.isEmpty {
              $0.accessToken.permissions = permissions.values
              $0.updateMask.paths.append("permissions")
            }
            if let lifetime {
              $0.accessToken.expireTime = .init(date: .now + TimeInterval(lifetime.seconds))
            }
            if lifetime != nil || neverExpires { $0.updateMask.paths.append("expire_time") }
          })
        return (updated.accessToken, updated.receipt)
      }
    }
  }

  /// `temporis token disable`
  struct Disable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stop an access token until it is enabled again.",
      discussion: "No request that starts after the command's end succeeds with it.")

    @OptionGroup var target: TokenTarget

    func run() async throws {
      try await target.change("Disabled", effect: "no verifier accepts it") { client in
        let disabled = try await client.tokens.disableAccessToken(.with { $0.accessTokenID = target.id })
        return (disabled.accessToken, disabled.receipt)
      }
    }
  }

  /// `temporis token enable`
  struct Enable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let a disabled access token work again.")

    @OptionGroup var target: TokenTarget

    func run() async throws {
      try await target.change("Enabled", effect: "every verifier accepts it again") { client in
        let enabled = try await client.tokens.enableAccessToken(.with { $0.accessTokenID = target.id })
        return (enabled.accessToken, enabled.receipt)
      }
    }
  }
}
