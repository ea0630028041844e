import GRPCCore
import GRPCNghttp2Transport
package import ServiceKit
import SwiftProtobuf
import Synchronization
package import TemporisAPI

/// Draws predictions through the predict-service.
package struct RemotePredictionClient: PredictionClient {
  private let client: ServiceClient
  private let headerTimeout: Duration
  private let answerTimeout: Duration

  /// Creates a client.
  /// - Parameters:
  ///   - headerTimeout: How long a prediction may take to be drawn and charged.
  ///   - answerTimeout: How long its trajectories may then take to be handed on, which is up to the caller's client.
  package init(client: ServiceClient, headerTimeout: Duration, answerTimeout: Duration) {
    self.client = client
    self.headerTimeout = headerTimeout
    self.answerTimeout = answerTimeout
  }

  package func predict(
    _ request: Temporis_Predict_V1_PredictRequest, authorization: String,
    receive: @escaping @Sendable (Temporis_Predict_V1_PredictResponse) async throws -> Void
  ) async throws {
    let hasBegun = Flag()
    let task = Task {
      try await call(request, authorization: authorization) { part in
        hasBegun.set()
        try await receive(part)
      }
    }
    let isLate = Flag()
    let timer = Timers.shared.set(after: headerTimeout) {
      guard !hasBegun.isSet else { return }
      isLate.set()
      task.cancel()
    }
    defer { timer.cancel() }
    do {
      try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
    } catch  where isLate.isSet && !hasBegun.isSet && !Task.isCancelled {
      throw RPCError(code: .deadlineExceeded, message: "No prediction within \(headerTimeout).", cause: error)
    }
  }

  private func call(
    _ request: Temporis_Predict_V1_PredictRequest, authorization: String,
    receive: @escaping @Sendable (Temporis_Predict_V1_PredictResponse) async throws -> Void
  ) async throws {
    var request = request
    // The service is told a little less than what is waited for, so that it has decided by then.
    request.chargeTimeout = Google_Protobuf_Duration(
      rounding: headerTimeout - min(.seconds(1), headerTimeout / 10), rule: .down)
    let service = Temporis_Predict_V1_PredictionService.Client(wrapping: client.grpc)
    try await CallDeadline.within(headerTimeout + answerTimeout) { [request] in
      try await service.predict(request, metadata: ["authorization": .string(authorization)]) { response in
        for try await part in response.messages {
          try await receive(part)
        }
      }
    }
  }

  /// Set once, by the call or its timer, and read by the other one.
  private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
  }
}
