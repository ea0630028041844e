import Foundation

/// Where calls that block may run: on a thread of their own.
///
/// Not on Dispatch's queues: on Linux their threads are the ones that tasks share, and waiting for processes on all of
/// them stops every test.
enum Blocking {
  static func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
  }
}
