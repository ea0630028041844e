import ArgumentParser
import LocalStack

/// `temporis ingest`
struct IngestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Store the rows of a CSV file: timestamp,name,value.",
    discussion: """
      A first line that names the columns gives their order. Blanks around a field are ignored. Timestamps are Unix \
      seconds (1750000000 or 1750000000.0) or dates and times such as 2026-05-01, '2026-05-01 12:30:00 UTC' or \
      2026-05-01T14:30:00.000+02:00; without a zone they are UTC. Rows are stored in batches, each whole or not at \
      all; a row with the timestamp and name of a stored one overwrites its value, so that the same file may be \
      ingested again.
      """)

  @OptionGroup var stack: StackOptions

  @Argument(help: "The CSV file; - for standard input.")
  var file: String

  @Option(help: "The data source that takes the rows.")
  var source: String

  func run() async throws {
    let chunks = try FileChunks(path: file)
    try await stack.withStack { client in
      var ingest = CSVIngest(name: file == "-" ? "standard input" : file, source: source, client: client)
      try await ingest.run(chunks)
    }
  }
}
