package import TemporisAPI

/// Stores rows.
package protocol IngestClient: Sendable {
  /// Stores all rows of all batches in a data source, or none.
  /// - Parameter authorization: The caller's `Authorization` header.
  /// - Throws: `RPCError` or `ServiceError`; `CancellationError` when the task was cancelled.
  func ingest(
    _ batches: [Temporis_Predict_V1_RecordBatch], into dataSource: String, authorization: String) async throws
}
