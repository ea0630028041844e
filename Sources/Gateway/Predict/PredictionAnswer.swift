import Hummingbird
import NIOCore
import TemporisAPI

/// Turns the parts of a prediction into the body of an answer, as they come.
///
/// A short answer is collected and goes out in one piece with its length; a long one is handed on piece by piece, no
/// faster than the client reads, so that a connection never holds much more than a MiB and a trajectory.
actor PredictionAnswer {
  /// What is known once there is something to answer with.
  enum Outcome: Sendable {
    /// The whole body.
    case complete(ByteBuffer)
    /// A body whose rest is still to come. It throws when there is no rest.
    case streaming(RequestBody)
    /// Nothing was charged: an error can be answered.
    case refused(any Error)
    /// It broke after the charge was committed: there is nothing true to answer.
    case broken(any Error)
  }

  private static let collectedLimit = 1 << 20
  private static let chunkSize = 64 << 10

  private let count: Int
  private let decided: AsyncStream<Outcome>.Continuation
  private var encoder: PredictionEncoder?
  private var source: RequestBody.Source?

  /// Creates an answer of `count` trajectories, and the stream that its one outcome comes on.
  init(count: Int) {
    self.count = count
    (outcomes, decided) = AsyncStream.makeStream(of: Outcome.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// The outcome: one element.
  nonisolated let outcomes: AsyncStream<Outcome>

  /// Takes a part; returns when the next may come.
  func receive(_ response: Temporis_Predict_V1_PredictResponse) async throws {
    switch response.part {
    case .header(let header) where encoder == nil:
      encoder = PredictionEncoder(header, count: count)
    case .trajectory(let trajectory):
      guard encoder != nil else { throw PredictionEncoder.Inconsistency(description: "a trajectory before the header") }
      try encoder?.write(trajectory)
      await handOn()
    default:
      throw PredictionEncoder.Inconsistency(description: "an unknown part, or a second header")
    }
  }

  /// Ends the answer: all parts have come.
  func finish() async throws {
    guard encoder != nil else { throw PredictionEncoder.Inconsistency(description: "no header") }
    try encoder?.finish()
    let rest = encoder?.take() ?? ByteBuffer()
    if let source {
      await source.yield(rest)
      source.finish()
    } else {
      decide(.complete(rest))
    }
  }

  /// Ends the answer in the middle.
  func fail(_ error: any Error) {
    if let source {
      source.finish(error)
    } else {
      decide(outcome(of: error))
    }
  }

  /// What a failure at this point means: with the header came the news that the charge is committed.
  func outcome(of error: any Error) -> Outcome {
    encoder == nil ? .refused(error) : .broken(error)
  }

  /// Whether an answer has begun that cannot be taken back.
  var isStreaming: Bool {
    source != nil
  }

  private func handOn() async {
    let pending = encoder?.pendingBytes ?? 0
    if source == nil, pending > Self.collectedLimit {
      let (body, source) = RequestBody.makeStream()
      self.source = source
      decide(.streaming(body))
    }
    if let source, pending >= Self.chunkSize, let chunk = encoder?.take() {
      await source.yield(chunk)
    }
  }

  private func decide(_ outcome: Outcome) {
    decided.yield(outcome)
    decided.finish()
  }
}
