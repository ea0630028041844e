import GRPCCore
import GRPCNghttp2Transport
package import ServiceKit
import SwiftProtobuf
package import TemporisAPI

/// Stores rows.
package protocol IngestClient: Sendable {
  /// Stores all rows of all batches in a data source, or none.
  /// - Parameter authorization: The caller's `Authorization` header.
  /// - Throws: `RPCError` or `ServiceError`; `CancellationError` when the task was cancelled.
  func ingest(
    _ batches: [Temporis_Predict_V1_RecordBatch], into dataSource: String, authorization: String) async throws
}

/// Stores rows through the predict-service.
package struct RemoteIngestClient: IngestClient {
  private let client: ServiceClient
  private let timeout: Duration

  /// Creates a client that gives a call `timeout` from beginning to end.
  package init(client: ServiceClient, timeout: Duration) {
    self.client = client
    self.timeout = timeout
  }

  package func ingest(
    _ batches: [Temporis_Predict_V1_RecordBatch], into dataSource: String, authorization: String
  ) async throws {
    let service = Temporis_Predict_V1_DataSourceService.Client(wrapping: client.grpc)
    _ = try await CallDeadline.within(timeout) {
      try await service.ingest(metadata: ["authorization": .string(authorization)]) { writer in
        try await writer.write(.with { $0.header = .with { $0.dataSource = dataSource } })
        for batch in batches {
          try await writer.write(.with { $0.batch = batch })
        }
      }
    }
  }
}
