import GRPCCore
import GRPCNghttp2Transport
import Synchronization
import TestSupport

/// A call that waits for its answer.
struct PromisedAnswer: Sendable {
  let message: [UInt8]
  let promise: FastPathPromise

  /// Answers as ``FastPathRecorder/echo(_:)`` would have at once.
  func echo() {
    self.promise.complete(with: .reply([FastPathRecorder.mark] + self.message))
  }
}

/// What the fast path of a test has promised, until the test takes it to answer.
final class PromisedAnswers: Sendable {
  private let waiting = Mutex<[PromisedAnswer]>([])

  /// Promises an answer to every message.
  var handler: FastPath.Handler { self.handler(outlivesCall: true) }

  /// The same, and says whether the work for it goes on when a call is given up.
  func handler(outlivesCall: Bool) -> FastPath.Handler {
    { message, _ in
      let answer = PromisedAnswer(message: message.array, promise: FastPathPromise(outlivesCall: outlivesCall))
      self.waiting.withLock { $0.append(answer) }
      return .later(answer.promise)
    }
  }

  /// Waits until `count` calls wait, and hands them over in the order in which they came.
  func take(_ count: Int) async throws -> [PromisedAnswer] {
    try await eventually("\(count) calls wait for their answers") {
      self.waiting.withLock { waiting in
        guard waiting.count >= count else { return nil }
        defer { waiting.removeFirst(count) }
        return Array(waiting.prefix(count))
      }
    }
  }

  /// The same for one call.
  func take() async throws -> PromisedAnswer {
    try await self.take(1)[0]
  }

  /// Hands over what waits now.
  func takeAll() -> [PromisedAnswer] {
    self.waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
  }
}
