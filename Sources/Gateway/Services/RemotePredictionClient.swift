import GRPCCore
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
    try await withThrowingTaskGroup(of: Event.self) { group in
      group.addTask {
        try await call(request, authorization: authorization) { part in
          hasBegun.set()
          try await receive(part)
        }
        return .callEnded
      }
      group.addTask {
        try? await Task.sleep(for: headerTimeout)
        return .timerEnded
      }
      defer { group.cancelAll() }
      while let event = try await group.next() {
        if event == .callEnded { return }
        guard hasBegun.isSet || Task.isCancelled else {
          throw RPCError(code: .deadlineExceeded, message: "No prediction within \(headerTimeout).")
        }
      }
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
    var options = CallOptions.defaults
    options.timeout = headerTimeout + answerTimeout
    let service = Temporis_Predict_V1_PredictionService.Client(wrapping: client.grpc)
    try await service.predict(request, metadata: ["authorization": .string(authorization)], options: options) {
      response in
      for try await part in response.messages {
        try await receive(part)
      }
    }
  }

  private enum Event: Sendable {
    case callEnded, timerEnded
  }

  /// Set by the call, read by the timer.
  private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
  }
}
