import ArgumentParser
import LocalStack
import SwiftProtobuf
import TemporisAPI

/// `temporis source`
struct SourceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "source", abstract: "Create, list, show, archive, unarchive and delete data sources.",
    subcommands: [
      Create.self, List.self, Show.self, Archive.self, Unarchive.self, DeleteRows.self, Delete.self,
    ])

  /// `temporis source create`
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Create an empty data source.")

    @OptionGroup var stack: StackOptions

    @Argument(help: "Its name: a lowercase letter, then lowercase letters, digits and underscores; at most 48.")
    var name: String

    func run() async throws {
      try await stack.withStack { client in
        let created = try await client.sources.createDataSource(.with { $0.name = name })
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
      let sources = try await stack.withStack { try await $0.allSources() }
      try Output.render(
        sources.map { SourceReport($0) }, json: json, whenEmpty: "No data sources: temporis source create NAME")
    }
  }

  /// `temporis source show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show a data source and its series.")

    @OptionGroup var stack: StackOptions

    @Argument(help: "The data source.")
    var name: String

    @Flag(help: "Print a JSON object.")
    var json = false

    func run() async throws {
      try await stack.withStack { client in
        let source = try await client.sources.getDataSource(.with { $0.name = name }).dataSource
        let report = SourceReport(source, series: try await client.allSeries(of: name))
        try Output.render(report, json: json)
        if json { return }
        Terminal.output.line()
        try Output.render(
          report.series ?? [], json: false, whenEmpty: "It has no rows: temporis ingest FILE --source \(name)")
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
      try await stack.withStack { client in
        _ = try await client.sources.archiveDataSource(.with { $0.name = name })
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
      try await stack.withStack { client in
        _ = try await client.sources.unarchiveDataSource(.with { $0.name = name })
        Terminal.output.line("Unarchived \(name).")
      }
    }
  }
}
