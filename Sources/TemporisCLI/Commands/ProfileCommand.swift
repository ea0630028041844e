import ArgumentParser
import LocalStack
import SwiftProtobuf
import TemporisAPI

/// `temporis profile`
struct ProfileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Create, list, show, publish and delete data profiles.",
    subcommands: [Create.self, List.self, Show.self, Delete.self, Publish.self, Unpublish.self])

  /// `temporis profile create`
  struct Create: AsyncParsableCommand, FieldNaming {
    static let configuration = CommandConfiguration(abstract: "Create a data profile: the recipe that reads a source.")

    @OptionGroup var stack: StackOptions

    @Argument(help: "Its name: a lowercase letter, then lowercase letters, digits and underscores; at most 48.")
    var name: String

    @OptionGroup var settings: ProfileSettingsOptions

    var fieldNames: [String: String] { settings.fieldNames }

    func run() async throws {
      try await stack.withStack { client in
        let message = settings.message
        // Read first, so that nothing fails once the profile exists.
        let missing = try await client.missingSeries(message.names, in: message.dataSource)
        let created = try await client.profiles.createDataProfile(
          .with {
            $0.name = name
            $0.settings = message
          })
        let state = created.dataProfile.ready ? "ready" : "not ready: it waits for data"
        Terminal.output.line("Created data profile \(created.dataProfile.name), \(state).")
        let hint = settings.splitsNames ? "; a name that holds a comma is given by --name" : ""
        for series in missing {
          CommandFailure.print("warning: \(message.dataSource) has no series \"\(series)\"\(hint)")
        }
      }
    }
  }

  /// `temporis profile list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List data profiles by name.")

    @OptionGroup var stack: StackOptions

    @Flag(help: "Print a JSON array.")
    var json = false

    func run() async throws {
      let profiles = try await stack.withStack { try await $0.allProfiles() }
      try Output.render(
        profiles.map(ProfileReport.init), json: json,
        whenEmpty: "No data profiles: temporis profile create NAME --source S --names a,b --interval 3600")
    }
  }

  /// `temporis profile show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a data profile with all its settings, and what they make of a forecast.")

    @OptionGroup var stack: StackOptions

    @Argument(help: "The data profile.")
    var name: String

    @Flag(help: "Print a JSON object.")
    var json = false

    func run() async throws {
      try await stack.withStack { client in
        let answer = try await client.profiles.getDataProfile(.with { $0.name = name })
        let report = ProfileReport(answer.dataProfile)
        if json { return try Output.json(report) }
        report.settings.print()
      }
    }
  }

  /// `temporis profile delete`
  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete a data profile. What was billed for it stays billed.")

    @OptionGroup var stack: StackOptions

    @Argument(help: "The data profile.")
    var name: String

    func run() async throws {
      try await stack.withStack { client in
        _ = try await client.profiles.deleteDataProfile(.with { $0.name = name })
        Terminal.output.line("Deleted \(name).")
      }
    }
  }
}
