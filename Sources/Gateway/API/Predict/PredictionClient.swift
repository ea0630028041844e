import GRPCCore
import GRPCNghttp2Transport
package import ServiceKit
import SwiftProtobuf
import Synchronization
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

/// Draws predictions through the predict-service.
package struct RemotePredictionClient: PredictionClient {
  private let client: ServiceClient
  private let headerTimeout: Duration
  private let answerTimeout: Duration

  /// Creates a client.
  /// - Parameters:
  ///   - headerTimeout: The longest that a prediction may take to be drawn and charged.
  ///   - answerTimeout: The longest that its trajectories may then take to reach the caller's client.
  package init(client: ServiceClient, headerTimeout: Duration, answerTimeout: Duration) {
    self.client = client
    self.headerTimeout = headerTimeout
    self.answerTimeout = answerTimeout
  }

  /// The time that the service gets for a prediction and its charge: a little less than the gateway waits, so that it
  /// has decided by then.
  static func chargeTimeout(within headerTimeout: Duration) -> Duration {
    headerTimeout - min(.seconds(1), headerTimeout / 10)
  }

  package func predict(
    _ request: Temporis_Predict_V1_PredictRequest, authorization: String,
    receive: @escaping @Sendable (Temporis_Predict_V1_PredictResponse) async throws -> Void
  ) async throws {
    let progress = Progress()
    let task = Task {
      try await call(request, authorization: authorization) { part in
        guard progress.begin() else { throw CancellationError() }
        try await receive(part)
      }
    }
    let timers = [
      Timers.shared.set(after: headerTimeout) { if progress.endWaiting() { task.cancel() } },
      Timers.shared.set(after: headerTimeout + answerTimeout) {
        progress.endAnswer()
        task.cancel()
      },
    ]
    defer { for timer in timers { timer.cancel() } }
    do {
      try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
    } catch  where progress.isLate && !Task.isCancelled {
      let message = "No prediction within \(headerTimeout), or not all of it within another \(answerTimeout)."
      throw RPCError(code: .deadlineExceeded, message: message, cause: error)
    }
  }

  private func call(
    _ request: Temporis_Predict_V1_PredictRequest, authorization: String,
    receive: @escaping @Sendable (Temporis_Predict_V1_PredictResponse) async throws -> Void
  ) async throws {
    var request = request
    request.chargeTimeout = Google_Protobuf_Duration(rounding: Self.chargeTimeout(within: headerTimeout), rule: .down)
    let service = Temporis_Predict_V1_PredictionService.Client(wrapping: client.grpc)
    try await CallDeadline.within(headerTimeout + answerTimeout) { [request] in
      try await service.predict(request, metadata: ["authorization": .string(authorization)]) { response in
        for try await part in response.messages {
          try await receive(part)
        }
      }
    }
  }

  /// The state of a prediction, which its first part and the timer change: whichever comes first decides whether it is
  /// late.
  private final class Progress: Sendable {
    private enum State {
      case waiting, begun, late
    }

    private let state = Mutex(State.waiting)

    var isLate: Bool { state.withLock { $0 == .late } }

    /// Notes that a part has come; returns false when it is too late.
    func begin() -> Bool {
      state.withLock { state in
        if state == .waiting { state = .begun }
        return state == .begun
      }
    }

    /// Ends the time for the first part; returns whether none has come.
    func endWaiting() -> Bool {
      state.withLock { state in
        if state == .waiting { state = .late }
        return state == .late
      }
    }

    /// Ends the time for all parts.
    func endAnswer() {
      state.withLock { $0 = .late }
    }
  }
}
