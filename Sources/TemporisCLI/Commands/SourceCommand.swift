import ArgumentParser
import LocalStack
import SwiftProtobuf
import TemporisAPI

/// `temporis source`
struct SourceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "source", abstract: "Create, list, archive and unarchive data sources.",
    subcommands: [Create.self, List.self, Archive.self, Unarchive.self])

  /// `temporis source create`
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Create an empty data source.")

    @OptionGroup var stack: StackOptions

    @Argument(help: "Its name: a lowercase letter, then lowercase letters, digits and underscores; at most 48.")
    var name: String

    func run() async throws {
      let name = name
      try await stack.withStack { client in
        let request = Temporis_Predict_V1_CreateDataSourceRequest.with { $0.name = name }
        let created = try await client.sources.createDataSource(
          request, metadata: client.metadata)
        Terminal.output.line("Created data source \(created.dataSource.name).")
      }
    }
  }

  /// `temporis source list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List data sources by name.")

    @OptionGroup var stack: StackOptions

    @Flag(help: "Print a JSON array.")
    var json = false

    func run() async throws {
      let json = json
      try await stack.withStack { client in
        let sources = try await client.allSources()
        if json {
          return try JSONOutput.print(sources.map(Listed.init))
        }
        var table = Table(headings: ["NAME", "STATE", "CREATED"])
        for source in sources {
          table.add([source.name, source.archived ? "archived" : "active", source.createTime.minute])
        }
        table.print(whenEmpty: "No data sources: temporis source create NAME")
      }
    }

    private struct Listed: Encodable {
      let name: String
      let archived: Bool

      init(_ source: Temporis_Predict_V1_DataSource) {
        name = source.name
        archived = source.archived
      }
    }
  }

  /// `temporis source archive`
  struct Archive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stop ingestion into a data source. Its rows stay.")

    @OptionGroup var stack: StackOptions

    @Argument(help: "The data source.")
    var name: String

    func run() async throws {
      let name = name
      try await stack.withStack { client in
        let request = Temporis_Predict_V1_ArchiveDataSourceRequest.with { $0.name = name }
        _ = try await client.sources.archiveDataSource(request, metadata: client.metadata)
        Terminal.output.line("Archived \(name).")
      }
    }
  }

  /// `temporis source unarchive`
  struct Unarchive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Resume ingestion into an archived data source.")

    @OptionGroup var stack: StackOptions

    @Argument(help: "The data source.")
    var name: String

    func run() async throws {
      let name = name
      try await stack.withStack { client in
        let request = Temporis_Predict_V1_UnarchiveDataSourceRequest.with { $0.name = name }
        _ = try await client.sources.unarchiveDataSource(request, metadata: client.metadata)
        Terminal.output.line("Unarchived \(name).")
      }
    }
  }
}
