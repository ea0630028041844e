import ArgumentParser
import GRPCCore
import LocalStack
import ServiceKit
import SwiftProtobuf
import TemporisAPI

extension SourceCommand {
  /// `temporis source delete`
  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete a data source with its rows.",
      discussion: "Refused while data profiles read it, unless --force deletes them, too.")

    @OptionGroup var stack: StackOptions

    @Argument(help: "The data source.")
    var name: String

    @Flag(help: "Delete the data profiles that read it, too.")
    var force = false

    @OptionGroup var confirmation: ConfirmationOptions

    func run() async throws {
      try await stack.withStack { client in
        try await confirmation.confirm {
          let contents = try await client.deleteRecords(.with { $0.dataSource = name }, validateOnly: true)
          let readers = force ? try await client.allProfiles().filter { $0.settings.dataSource == name } : []
          let rows = "delete the data source \(name) with \(Count.grouped(contents.deletedRecords, "row"))"
          return readers.isEmpty
            ? rows : "\(rows), and the data profiles \(readers.map(\.name).joined(separator: ", "))"
        }
        try await orFailure { try await client.deleteSource(name, force: force) }
        Terminal.output.line("Deleted \(name).")
      }
    }
  }

  /// `temporis source delete-rows`
  struct DeleteRows: AsyncParsableCommand, FieldNaming {
    static let configuration = CommandConfiguration(
      commandName: "delete-rows",
      abstract: "Delete rows of a data source: all, those of one series, those of a range of time.",
      discussion: "A time is written as in a file that is ingested: 1750000000, 2026-05-01, '2026-05-01 12:30:00 UTC'.")

    @OptionGroup var stack: StackOptions

    @Argument(help: "The data source.")
    var name: String

    @Option(help: "The series, exactly as it is named. [default: all]")
    var series: String?

    @Option(
      help: ArgumentHelp("When the first row that is deleted was observed. [default: the oldest]", valueName: "time"),
      transform: Self.parseTime)
    var from: Int64?

    @Option(
      help: ArgumentHelp("When the first row that stays after them was observed. [default: none]", valueName: "time"),
      transform: Self.parseTime)
    var to: Int64?

    @OptionGroup var confirmation: ConfirmationOptions

    var fieldNames: [String: String] {
      ["series": "--series", "start_timestamp": "--from", "end_timestamp": "--to"]
    }

    func validate() throws {
      // Empty would mean all of them.
      guard series != "" else { throw ValidationError("--series takes the name of a series") }
    }

    func run() async throws {
      let request = Temporis_Predict_V1_DeleteRecordsRequest.with {
        $0.dataSource = name
        if let series { $0.series = series }
        if let from { $0.startTimestamp = .init(from) }
        if let to { $0.endTimestamp = .init(to) }
      }
      try await stack.withStack { client in
        try await confirmation.confirm {
          let preview = try await client.deleteRecords(request, validateOnly: true)
          let rows = "delete \(Count.grouped(preview.deletedRecords, "row")) of \(name)"
          let readers = preview.dataProfiles.joined(separator: ", ")
          return readers.isEmpty ? rows : "\(rows), which these data profiles read: \(readers)"
        }
        let deleted = try await orFailure { try await client.deleteRecords(request) }
        Terminal.output.line("Deleted \(Count.grouped(deleted.deletedRecords, "row")) of \(name).")
      }
    }

    private static func parseTime(_ text: String) throws -> Int64 {
      do {
        return try TimestampText.unixSeconds(text)
      } catch {
        throw ValidationError("the time '\(text)' \(error.message)")
      }
    }
  }
}

/// Deletes, and says how to go on when that fails.
private func orFailure<R>(_ delete: () async throws -> R) async throws -> R {
  do {
    return try await delete()
  } catch let error as RPCError {
    if let refusal = ServiceError(error), refusal.reason == .dataSourceInUse {
      throw CommandFailure("\(refusal.message) --force deletes them, too")
    }
    if error.code == .unavailable || error.code == .deadlineExceeded {
      throw CommandFailure("The stack did not answer in time and may have deleted a part of the rows: run this again")
    }
    throw error
  }
}
