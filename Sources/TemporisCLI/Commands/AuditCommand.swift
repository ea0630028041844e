import ArgumentParser
import LocalStack
import TemporisAPI

/// `temporis audit`
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "List what was done to the account and its credentials, newest first.",
    discussion: "Refused requests and sign-ins are counted by the hour.")

  @OptionGroup var stack: StackOptions

  @Option(help: "The most records.")
  var limit = 100

  @Flag(help: "Print a JSON array.")
  var json = false

  func validate() throws {
    guard 1...100_000 ~= limit else { throw ValidationError("--limit must be 1 to 100000") }
  }

  func run() async throws {
    let records = try await stack.withStack { try await $0.auditRecords(limit: limit) }
    try Output.render(records.map(Record.init), json: json, whenEmpty: "No audit records")
  }

  private struct Record: Printable {
    let id: String
    let createTime: String
    let action: String
    let actorID: String
    let subjectID: String
    let count: Int64

    init(_ record: Temporis_Token_V1_AuditRecord) {
      id = record.id
      createTime = record.createTime.instant
      action = record.action
      actorID = record.actorID
      subjectID = record.subjectID
      count = record.count
    }

    static let headings = ["TIME", "ACTION", "BY", "ON", "COUNT"]

    var cells: [String] { [createTime, action, actorID, subjectID, Count.grouped(count)] }
  }
}
