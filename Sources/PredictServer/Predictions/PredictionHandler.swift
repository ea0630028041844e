package import GRPCCore
import ServiceKit
package import TemporisAPI

/// `PredictionService`: draws and bills predictions.
///
/// Everything that can be refused is refused before the first message, so that a refusal is the whole answer.
package struct PredictionHandler: Temporis_Predict_V1_PredictionService.ServiceProtocol {
  let predictor: Predictor
  let limiter: RateLimiter?
  let edge: ServiceEdge

  /// Answers a prediction whose charge has been committed.
  package func predict(
    request: ServerRequest<Temporis_Predict_V1_PredictRequest>, context: ServerContext
  ) async throws -> StreamingServerResponse<Temporis_Predict_V1_PredictResponse> {
    let answer = try await answer(request.message)
    return StreamingServerResponse { writer in
      for message in answer.messages { try await writer.write(message) }
      return [:]
    }
  }

  /// The answer, charged.
  ///
  /// The work follows its task, which the transport cancels with the call, and not the call's handle, which a server that
  /// is stopping cancels, too: it lets a prediction finish.
  package func answer(_ request: Temporis_Predict_V1_PredictRequest) async throws -> Answer {
    try await edge.run {
      let principal = try Principal.required()
      try limiter?.admit(principal.accountID)
      let parameters = try PredictionParameters(request)
      return try await predictor.answer(parameters, for: principal)
    }
  }
}
