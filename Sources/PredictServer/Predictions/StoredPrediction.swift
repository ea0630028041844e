import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// What is known of the response that an idempotency key replays before it is read: the request that it answers, and
/// its size.
struct StoredPrediction: Sendable {
  let dataProfile: String
  let count: Int
  let temperature: Double
  let topP: Double
  /// The bytes of its messages.
  let size: Int
  let createTime: PostgresTimestamp

  /// Reads the columns `data_profile`, `count`, `temperature`, `top_p`, `size` and `create_time`.
  init(_ row: PostgresRow) throws {
    dataProfile = try row.decode("data_profile")
    count = try row.decode("count")
    temperature = try row.decode("temperature")
    topP = try row.decode("top_p")
    size = try row.decode("size")
    createTime = try row.decode("create_time")
  }
}

/// The messages that answer a prediction, with their share of the memory that all responses may take.
package struct PredictionResponse: Sendable {
  private enum Content: Sendable {
    case drawn([Temporis_Predict_V1_PredictResponse])
    /// As they were sent before.
    case stored([[UInt8]])
  }

  private let content: Content
  private let share: FairLimiter<String>.Share

  /// The response that was just drawn: the header, then the trajectories.
  init(_ messages: [Temporis_Predict_V1_PredictResponse], share: FairLimiter<String>.Share) {
    content = .drawn(messages)
    self.share = share
  }

  /// The same as it was stored.
  init(stored messages: [[UInt8]], share: FairLimiter<String>.Share) {
    content = .stored(messages)
    self.share = share
  }

  /// The number of messages.
  var count: Int {
    switch content {
    case .drawn(let messages): messages.count
    case .stored(let messages): messages.count
    }
  }

  /// One of the messages; of a stored response it is read only now.
  func message(at index: Int) throws -> Temporis_Predict_V1_PredictResponse {
    switch content {
    case .drawn(let messages): messages[index]
    case .stored(let messages): try Temporis_Predict_V1_PredictResponse(serializedBytes: messages[index])
    }
  }
}
