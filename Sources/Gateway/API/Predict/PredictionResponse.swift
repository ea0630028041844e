import Hummingbird
import NIOCore
import ServiceKit
import TemporisAPI

/// Turns the parts of a prediction into the body of a response, as they come.
///
/// A short response is collected and goes out in one piece with its length; a long one is handed on piece by piece, no
/// faster than the client reads, so that a connection never holds much more than a MiB and a trajectory.
actor PredictionResponse {
  /// The cost of a prediction.
  struct Charge: Sendable {
    var modelTokens: Int64 = 0
    var nanoDollars: Int64 = 0
  }

  /// The beginning of a response.
  enum Outcome: Sendable {
    /// The whole body.
    case complete(Charge, ByteBuffer)
    /// A body whose rest is still to come. It throws when there is no rest.
    case streaming(Charge, RequestBody)
    /// Nothing was charged: an error can be answered.
    case refused(any Error)
    /// It broke after the charge was committed: no status would be true.
    case broken(any Error)
  }

  private static let collectedLimit = 1 << 20
  private static let chunkSize = 64 << 10
  /// The most values of a response that is written at once.
  private static let shortLength = 10_000

  private let count: Int
  private let turns: FairLimiter<String>
  private let findAccount: @Sendable () async -> String
  /// Whose turn it is to write. `nil`: the response is short.
  private var account: String?
  private let decided: AsyncStream<Outcome>.Continuation
  private var charge = Charge()
  private var encoder: PredictionEncoder?
  private var source: RequestBody.Source?

  /// Creates a response of `count` trajectories.
  ///
  /// - Parameters:
  ///   - turns: Turns of the accounts for the processors, at which long responses are written.
  ///   - account: The account of the caller, asked for when the response is long.
  init(count: Int, turns: FairLimiter<String>, account: @escaping @Sendable () async -> String) {
    self.count = count
    self.turns = turns
    findAccount = account
    (outcomes, decided) = AsyncStream.makeStream(of: Outcome.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// Has one element, the outcome, once it is known.
  nonisolated let outcomes: AsyncStream<Outcome>

  /// Takes a part, and returns when the next may come.
  func receive(_ response: Temporis_Predict_V1_PredictResponse) async throws {
    switch response.part {
    case .header(let header) where encoder == nil:
      charge = Charge(modelTokens: header.modelTokens, nanoDollars: header.nanoDollars)
      encoder = PredictionEncoder(header, count: count)
      if count * header.timestamps.count * header.names.count > Self.shortLength { account = await findAccount() }
    case .trajectory(let trajectory):
      guard encoder != nil else { throw PredictionEncoder.Inconsistency(description: "a trajectory before the header") }
      if let account {
        try await turns.run(for: account, cost: Double(max(1, trajectory.values.count))) {
          try encoder?.write(trajectory)
        }
      } else {
        try encoder?.write(trajectory)
      }
      await handOn()
    default:
      throw PredictionEncoder.Inconsistency(description: "an unknown part, or a second header")
    }
  }

  /// Ends the response: all parts have come.
  func finish() async throws {
    guard encoder != nil else { throw PredictionEncoder.Inconsistency(description: "no header") }
    try encoder?.finish()
    let rest = encoder?.take() ?? ByteBuffer()
    if let source {
      await source.yield(rest)
      source.finish()
    } else {
      decide(.complete(charge, rest))
    }
  }

  /// Ends the response in the middle.
  func fail(_ error: any Error) {
    if let source {
      source.finish(error)
    } else {
      decide(outcome(of: error))
    }
  }

  /// The outcome of a failure at this point: the header comes once the charge is committed.
  func outcome(of error: any Error) -> Outcome {
    encoder == nil ? .refused(error) : .broken(error)
  }

  /// Whether a response has begun, which cannot be taken back.
  var isStreaming: Bool {
    source != nil
  }

  private func handOn() async {
    let pending = encoder?.pendingBytes ?? 0
    if source == nil, pending > Self.collectedLimit {
      let (body, source) = RequestBody.makeStream()
      self.source = source
      decide(.streaming(charge, body))
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
