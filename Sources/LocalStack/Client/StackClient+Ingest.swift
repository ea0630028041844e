import GRPCCore
import GRPCNghttp2Transport
import ServiceKit
import SwiftProtobuf
package import TemporisAPI

extension StackClient {
  /// The most rows of one ingest call, all of which are stored or none.
  package static let mostRecordsInCall = 100_000

  /// The most rows of one message: at most 300 bytes each keep it below 4 MiB.
  private static let recordsInMessage = 10_000

  /// Stores rows in one call: all of them or none.
  ///
  /// - Parameter records: At most ``mostRecordsInCall``.
  /// - Returns: How many were stored; keys that occur twice count once.
  @discardableResult
  package func ingest(_ records: [Temporis_Predict_V1_Record], into source: String) async throws -> Int64 {
    let answer = try await CallDeadline.within(.seconds(120)) {
      try await sources.ingest { writer in
        try await writer.write(.with { $0.header.dataSource = source })
        for start in stride(from: 0, to: records.count, by: Self.recordsInMessage) {
          let part = records[start..<min(start + Self.recordsInMessage, records.count)]
          try await writer.write(.with { $0.batch.records = Array(part) })
        }
      }
    }
    return answer.storedRecords
  }
}
