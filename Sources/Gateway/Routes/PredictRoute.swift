import Hummingbird
import Logging
import NIOCore
import ServiceKit
import TemporisAPI
import TokenDomain

/// `POST /v1/predict`: draws a prediction. Answers 200 once its charge is committed.
struct PredictRoute: Sendable {
  static let bodyLimit = 1 << 20

  let client: any PredictionClient
  let gatekeeper: Gatekeeper
  let parsing = ParsingQueue()

  /// Why a caller may not predict.
  func admit(_ headers: HTTPFields) async -> APIError? {
    await gatekeeper.refusal(of: headers, permission: .predict, operation: .predict)
  }

  func respond(to request: APIRequest) async throws -> Response {
    let authorization = try request.headers.authorization()
    let presence = try await request.context.channel.clientPresence()
    let prediction: Temporis_Predict_V1_PredictRequest
    do {
      prediction = try await read(request, from: presence)
    } catch let error as APIError {
      throw await admit(request.headers) ?? error
    }
    return try await answer(prediction, authorization: authorization, presence: presence, context: request.context)
  }

  private func read(
    _ request: APIRequest, from sender: ClientPresence
  ) async throws -> Temporis_Predict_V1_PredictRequest {
    guard let bytes = request.body else { throw APIError.bodyTooLarge }
    var prediction = try await parsing.parse(bytes, from: sender) { bytes throws(APIError) in
      try PredictionParameters.request(bytes)
    }
    prediction.idempotencyKey = try IdempotencyKey.read(request.headers)
    return prediction
  }

  private func answer(
    _ prediction: Temporis_Predict_V1_PredictRequest, authorization: String, presence: ClientPresence,
    context: APIContext
  ) async throws -> Response {
    let answer = PredictionAnswer(count: Int(prediction.count))
    // A task of its own: the call goes on while the response's body is written, after this method has returned.
    let call = Task { [client] in
      do {
        try await client.predict(prediction, authorization: authorization) { try await answer.receive($0) }
        try await answer.finish()
      } catch {
        // The writer may be waiting for a client that does not read; only a closed connection wakes it.
        if await answer.isStreaming { context.abort() }
        await answer.fail(error)
      }
    }
    presence.watch { call.cancel() }
    let outcome = await withTaskCancellationHandler {
      await answer.outcomes.first { _ in true }
    } onCancel: {
      call.cancel()
    }
    // Nil: this task was cancelled, and does not hear how the call ends.
    let decided = if let outcome { outcome } else { await answer.outcome(of: CancellationError()) }
    return try await response(to: decided, presence: presence, context: context)
  }

  private func response(
    to outcome: PredictionAnswer.Outcome, presence: ClientPresence, context: APIContext
  ) async throws -> Response {
    switch outcome {
    case .complete(let body):
      presence.unwatch()
      return Response(status: .ok, headers: Self.headers, body: ResponseBody(byteBuffer: body))
    case .streaming(let body):
      return Response(
        status: .ok, headers: Self.headers,
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
      // Neither status is true: it did not succeed, and it was charged. The client sees a broken connection; asking again
      // with the same idempotency key gets the stored answer.
      try? await context.channel.close()
      throw BodyReader.ConnectionError(cause: error)
    }
  }

  private static let headers: HTTPFields = [.contentType: "application/json"]
}
