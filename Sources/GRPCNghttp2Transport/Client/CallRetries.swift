import GRPCCore
import Synchronization

/// What a call's retry policy still allows (gRFC A6).
///
/// The transport carries the policy out, as gRPC's C core does, and not GRPCCore, which keeps a `Task.sleep` for each
/// call and now and then loses the message of a retried method: its `BroadcastAsyncSequence` ends for a reader that
/// began to wait just as the message and the end were written.
struct CallRetries {
  private let policy: RetryPolicy
  private let throttle: Throttle?
  /// The attempts that failed and were followed by another one.
  private(set) var previousAttempts = 0
  /// The failures since the server last said when to try again.
  private var failuresInRow = 0

  private static let pushback = "grpc-retry-pushback-ms"

  init(_ policy: RetryPolicy, _ throttle: Throttle?) {
    self.policy = policy
    self.throttle = throttle
  }

  /// The attempt has failed without a response that was begun: how long to wait before the next one; nil when there is
  /// to be none.
  /// - Parameter isPossible: Whether the call can be made again.
  mutating func delay(after error: RPCError, isPossible: Bool = true) -> Duration? {
    let pushback = error.metadata[stringValues: Self.pushback].first { _ in true }
    guard self.policy.retryableStatusCodes.contains(Status.Code(error.code)) else {
      self.succeeded()
      return nil
    }
    let isThrottled = self.throttle?.failed() ?? false
    self.failuresInRow += 1
    guard isPossible, !isThrottled, self.previousAttempts + 1 < self.policy.maxAttempts else { return nil }
    var delay = self.backoff
    if let pushback {
      // What is no number of milliseconds forbids the retry.
      guard let milliseconds = Int32(pushback), milliseconds >= 0 else { return nil }
      self.failuresInRow = 0
      delay = .milliseconds(Int64(milliseconds))
    }
    self.previousAttempts += 1
    return delay
  }

  /// The server has begun to answer, or has answered what no retry would change.
  func succeeded() {
    self.throttle?.succeeded()
  }

  private var backoff: Duration {
    // In seconds, whose products can't be too large for their type.
    let longest = min(self.policy.maxBackoff, .longest) / .seconds(1)
    var delay = self.policy.initialBackoff / .seconds(1)
    for _ in 1..<max(self.failuresInRow, 1) {
      delay *= self.policy.backoffMultiplier
    }
    return .seconds(min(delay, longest) * Double.random(in: 0.8...1.2))
  }

  /// The retry tokens of a client: failures use them up and answers give them back, so that a server that fails isn't
  /// asked ever more often. Used from any thread.
  final class Throttle: Sendable {
    /// In thousandths.
    private let tokens: Mutex<Int>
    private let most: Int
    private let ratio: Int

    init(_ throttling: ServiceConfig.RetryThrottling) {
      self.most = throttling.maxTokens * 1000
      self.ratio = Int(throttling.tokenRatio * 1000)
      self.tokens = Mutex(self.most)
    }

    /// Returns whether retries are to stop.
    func failed() -> Bool {
      self.tokens.withLock { tokens in
        tokens = max(0, tokens - 1000)
        return tokens <= self.most / 2
      }
    }

    func succeeded() {
      self.tokens.withLock { $0 = min(self.most, $0 + self.ratio) }
    }
  }
}
