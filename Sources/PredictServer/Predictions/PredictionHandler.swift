package import GRPCCore
import ServiceKit
package import TemporisAPI
import TokenDomain

/// `PredictionService`: draws and bills predictions.
///
/// Everything that can be refused is refused before the first message, so that a refusal is the whole answer.
package struct PredictionHandler: Temporis_Predict_V1_PredictionService.ServiceProtocol {
  let predictor: Predictor
  let limiter: RateLimiter?

  /// How many predictions wait for the engine.
  package var waitingCount: Int { predictor.pool.waitingCount }

  /// Answers a prediction whose charge has been committed.
  package func predict(
    request: ServerRequest<Temporis_Predict_V1_PredictRequest>, context: ServerContext
  ) async throws -> StreamingServerResponse<Temporis_Predict_V1_PredictResponse> {
    let response = try await response(to: request.message)
    return StreamingServerResponse { writer in
      for index in 0..<response.count { try await writer.write(try response.message(at: index)) }
      return [:]
    }
  }

  /// Draws a prediction and bills it.
  ///
  /// The work follows its task, which the transport cancels with the call, and not the call's handle, which a server
  /// that is stopping cancels, too: it lets a prediction finish.
  package func response(to request: Temporis_Predict_V1_PredictRequest) async throws -> PredictionResponse {
    let principal = try Principal.required()
    try limiter?.admit(principal.accountID)
    return try await predictor.respond(to: try PredictionParameters(request), for: principal)
  }
}
