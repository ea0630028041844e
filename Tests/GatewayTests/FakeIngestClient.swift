import Gateway
import Synchronization
import TemporisAPI

/// Keeps what it is given, and then does what it is told.
final class FakeIngestClient: IngestClient {
  struct Call: Sendable {
    let batches: [Temporis_Predict_V1_RecordBatch]
    let dataSource: String
    let authorization: String

    var records: [Temporis_Predict_V1_Record] { batches.flatMap(\.records) }
  }

  private let received = Mutex<[Call]>([])
  private let then: @Sendable () async throws -> Void

  init(then: @escaping @Sendable () async throws -> Void = {}) {
    self.then = then
  }

  var calls: [Call] { received.withLock { $0 } }

  func ingest(
    _ batches: [Temporis_Predict_V1_RecordBatch], into dataSource: String, authorization: String
  ) async throws {
    received.withLock { $0.append(Call(batches: batches, dataSource: dataSource, authorization: authorization)) }
    try await then()
  }
}
