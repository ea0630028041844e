import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceKit
import TemporisAPI

/// `POST /v1/predict`: draws a prediction and answers 200 once its charge is committed.
struct PredictRoute: Sendable {
  static let bodyLimit = 1 << 20

  let client: any PredictionClient
  let intake: OperationIntake
  /// Long answers are written by at most half of the processors, which the accounts share. They are charged already, so
  /// that none is refused: there are never as many as the queue takes.
  private let turns = FairLimiter<String>(
    "answer_writers", units: ProcessInfo.processInfo.activeProcessorCount / 2, queueLimit: 1 << 24,
    refusal: APIError.tooManyRequests(retryAfter: .seconds(1)))

  init(client: any PredictionClient, intake: OperationIntake) {
    self.client = client
    self.intake = intake
  }

  func respond(to request: APIRequest) async throws -> Response {
    var request = request
    // Whatever is wrong with a body that is not too long is said in the same words.
    request.body = request.body.mapError { $0.status == .badRequest ? .invalidPredictionParameters : $0 }
    let prediction = try await intake.accept(request) { [headers = request.headers] bytes throws(APIError) in
      var prediction = try PredictionParameters.request(bytes)
      prediction.idempotencyKey = try IdempotencyKey.read(headers)
      return prediction
    }
    return try await answer(prediction, headers: request.headers, context: request.context)
  }

  private func answer(
    _ prediction: OperationIntake.Accepted<Temporis_Predict_V1_PredictRequest>, headers: HTTPFields,
    context: APIContext
  ) async throws -> Response {
    let parts = PredictionResponse(count: Int(prediction.body.count), turns: turns) { [intake] in
      // The prediction is charged: whoever can't be told from others takes turns by the credential.
      (try? await intake.account(of: headers)) ?? prediction.authorization
    }
    // A task of its own: the call goes on while the response's body is written, after this method has returned.
    let call = Task { [client] in
      do {
        try await client.predict(prediction.body, authorization: prediction.authorization) {
          try await parts.receive($0)
        }
        try await parts.finish()
      } catch {
        // The writer may be waiting for a client that does not read; only a closed connection wakes it.
        if await parts.isStreaming { context.abort() }
        await parts.fail(error)
      }
    }
    prediction.client.watch { call.cancel() }
    let outcome = await withTaskCancellationHandler {
      await parts.outcomes.first { _ in true }
    } onCancel: {
      call.cancel()
    }
    // Nil: this task was cancelled before the call ended.
    let decided = if let outcome { outcome } else { await parts.outcome(of: CancellationError()) }
    return try await response(to: decided, presence: prediction.client, context: context)
  }

  private func response(
    to outcome: PredictionResponse.Outcome, presence: ClientPresence, context: APIContext
  ) async throws -> Response {
    switch outcome {
    case .complete(let charge, let body):
      presence.unwatch()
      return Response(status: .ok, headers: Self.headers(charge), body: ResponseBody(byteBuffer: body))
    case .streaming(let charge, let body):
      return Response(
        status: .ok, headers: Self.headers(charge),
        body: ResponseBody { writer in
          defer { presence.unwatch() }
          for try await chunk in body { try await writer.write(chunk) }
          try await writer.finish(nil)
        })
    case .refused(let error):
      presence.unwatch()
      throw APIError(error, during: .predict)
    case .broken(let error):
      presence.unwatch()
      context.logger.error("A charged prediction broke off", metadata: ["error": "\(error)"])
      // Neither status is true: it did not succeed, and it was charged. The client sees a broken connection; asking
      // again with the same idempotency key gets the stored answer.
      // Closing fails only when it is closed, and the error that matters is thrown.
      try? await context.channel.close()
      throw BodyReader.ConnectionError(cause: error)
    }
  }

  private static func headers(_ charge: PredictionResponse.Charge) -> HTTPFields {
    [
      .contentType: "application/json", .modelTokens: String(charge.modelTokens),
      .costNanoDollars: String(charge.nanoDollars),
    ]
  }
}

extension HTTPField.Name {
  fileprivate static let modelTokens = HTTPField.Name(canonical: "Temporis-Model-Tokens")
  fileprivate static let costNanoDollars = HTTPField.Name(canonical: "Temporis-Cost-Nano-Dollars")
}
