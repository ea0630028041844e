import GRPCCore
import LocalStack
package import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// Reads a CSV file and stores its rows batch by batch.
struct CSVIngest {
  /// The rows of one call, which are stored together or not at all.
  private static let batchSize = 50_000
  /// The most attempts at a batch while the service is not available: sending it again stores the same rows.
  private static let attempts = 5

  private let name: String
  private let source: String
  private let client: StackClient
  private var parser = CSVParser()
  private var reader = ObservationReader()
  private var batch: [Temporis_Predict_V1_Record] = []
  /// The line of each row of `batch`.
  private var lines: [Int] = []
  private var storedRows = 0

  /// Prepares an ingest.
  ///
  /// - Parameter name: What the file is called in messages.
  init(name: String, source: String, client: StackClient) {
    self.name = name
    self.source = source
    self.client = client
  }

  /// Stores every row of the file, and says how many they were.
  ///
  /// - Throws: `CommandFailure` with file, line and reason for a row that cannot be read or that the service refuses;
  ///   nothing of its batch is stored.
  mutating func run(_ chunks: FileChunks) async throws {
    var progress = IngestProgress(total: chunks.size)
    defer { progress.end() }
    var bytes: Int64 = 0
    while case let chunk = try await chunks.next(), !chunk.isEmpty {
      bytes += Int64(chunk.count)
      try parse { parser, record in try parser.read(chunk, record: record) }
      while batch.count >= Self.batchSize { try await store(Self.batchSize) }
      progress.show(rows: storedRows, bytes: bytes)
    }
    try parse { parser, record in try parser.finish(record: record) }
    while !batch.isEmpty { try await store(min(batch.count, Self.batchSize)) }
    progress.end()
    let seconds = progress.seconds
    let rate = seconds > 0 ? Count.grouped(Int(Double(storedRows) / seconds)) : "0"
    Terminal.output.line("Stored \(Count.grouped(storedRows, "row")) in \(source) (\(rate)/s).")
    if storedRows == 0 { Terminal.error.line("\(name) holds no rows.") }
  }

  private mutating func parse(_ step: (inout CSVParser, (CSVRecord) throws -> Void) throws -> Void) throws {
    var (reader, batch, lines) = (reader, batch, lines)
    // Only one owner each, or every row would copy the batch.
    (self.batch, self.lines) = ([], [])
    do {
      try step(&parser) { record in
        guard let row = try reader.read(record) else { return }
        batch.append(
          .with {
            $0.timestamp = row.timestamp
            $0.name = row.name
            $0.value = row.value
          })
        lines.append(record.line)
      }
    } catch let error as CSVError {
      throw failure(error)
    }
    (self.reader, self.batch, self.lines) = (reader, batch, lines)
  }

  private func failure(_ error: CSVError) -> CommandFailure {
    let kept = storedRows > 0 ? " (\(Count.grouped(storedRows)) rows before this batch are stored)" : ""
    return CommandFailure("\(name):\(error)\(kept)")
  }

  private mutating func store(_ count: Int) async throws {
    let records = Array(batch.prefix(count))
    for attempt in 1... {
      do {
        try await client.ingest(records, into: source)
        break
      } catch let error as RPCError where error.code == .unavailable && attempt < Self.attempts {
        try await pause(for: .milliseconds(200) * (1 << attempt))
      } catch let error as RPCError {
        guard let refusal = ServiceError(error)?.violations.compactMap({ $0.fault(atLines: lines) }).first else {
          throw error
        }
        throw failure(refusal)
      }
    }
    batch.removeFirst(count)
    lines.removeFirst(count)
    storedRows += count
  }
}

extension FieldViolation {
  /// The fault of a file whose rows were sent as the `records` of a call.
  ///
  /// - Parameter lines: The line of each record.
  /// - Returns: `nil` when the violation is not about one of the records.
  package func fault(atLines lines: [Int]) -> CSVError? {
    guard let match = field.firstMatch(of: /(?:^|\.)records\[(\d+)\]/), let index = Int(match.1),
      lines.indices.contains(index)
    else { return nil }
    return CSVError(line: lines[index], sentence())
  }
}
