package import TemporisAPI

/// Draws predictions.
package protocol PredictionClient: Sendable {
  /// Draws a prediction and hands on its parts as they come: the header, whose coming means that the charge is
  /// committed, then the trajectories.
  /// - Parameters:
  ///   - authorization: The caller's `Authorization` header.
  ///   - receive: Takes a part. The next one is not read before it returns.
  /// - Throws: `RPCError` or `ServiceError`, or what `receive` throws; `CancellationError` when the task was cancelled.
  func predict(
    _ request: Temporis_Predict_V1_PredictRequest, authorization: String,
    receive: @escaping @Sendable (Temporis_Predict_V1_PredictResponse) async throws -> Void) async throws
}
