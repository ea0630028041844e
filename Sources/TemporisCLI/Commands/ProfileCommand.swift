import ArgumentParser
import LocalStack
import SwiftProtobuf
import TemporisAPI

/// `temporis profile`
struct ProfileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Create, list, show and delete data profiles.",
    subcommands: [Create.self, List.self, Show.self, Delete.self])

  /// `temporis profile create`
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Create a data profile: the recipe that reads a source.")

    @OptionGroup var stack: StackOptions

    @Argument(help: "Its name: a lowercase letter, then lowercase letters, digits and underscores; at most 48.")
    var name: String

    @OptionGroup var settings: ProfileSettingsOptions

    func run() async throws {
      let (name, settings) = (name, try settings.message())
      try await stack.withStack { client in
        let request = Temporis_Predict_V1_CreateDataProfileRequest.with {
          $0.name = name
          $0.settings = settings
        }
        let created = try await client.profiles.createDataProfile(
          request, metadata: client.metadata)
        let state = created.dataProfile.ready ? "ready" : "not ready: it waits for data"
        Terminal.output.line("Created data profile \(created.dataProfile.name), \(state).")
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
      let json = json
      try await stack.withStack { client in
        let profiles = try await client.allProfiles()
        if json {
          return try JSONOutput.print(profiles.map(ProfileReport.init))
        }
        var table = Table(headings: ["NAME", "SOURCE", "NAMES", "INTERVAL", "STATE"])
        for profile in profiles {
          table.add([
            profile.name, profile.settings.dataSource, profile.settings.names.joined(separator: ","),
            "\(profile.settings.interval) s", profile.ready ? "ready" : "not ready",
          ])
        }
        table.print(whenEmpty: "No data profiles: temporis profile create NAME --source S --names a,b --interval 3600")
      }
    }
  }

  /// `temporis profile show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show a data profile with all its settings.")

    @OptionGroup var stack: StackOptions

    @Argument(help: "The data profile.")
    var name: String

    @Flag(help: "Print a JSON object.")
    var json = false

    func run() async throws {
      let (name, json) = (name, json)
      try await stack.withStack { client in
        let request = Temporis_Predict_V1_GetDataProfileRequest.with { $0.name = name }
        let answer = try await client.profiles.getDataProfile(
          request, metadata: client.metadata)
        let report = ProfileReport(answer.dataProfile)
        if json {
          try JSONOutput.print(report)
        } else {
          report.table(created: answer.dataProfile.createTime.minute).print(whenEmpty: "")
        }
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
      let name = name
      try await stack.withStack { client in
        let request = Temporis_Predict_V1_DeleteDataProfileRequest.with { $0.name = name }
        _ = try await client.profiles.deleteDataProfile(request, metadata: client.metadata)
        Terminal.output.line("Deleted \(name).")
      }
    }
  }
}
