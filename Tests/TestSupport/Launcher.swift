import Foundation
import Synchronization

/// A thread that starts servers and lives as long as the process.
///
/// The kernel sends a child its parent-death signal when the thread that spawned it ends, so no pool's thread will do.
final class Launcher: Sendable {
  static let shared = Launcher()

  private let jobs = Mutex<[@Sendable () -> Void]>([])
  private let available = DispatchSemaphore(value: 0)

  private init() {
    let thread = Thread { [self] in
      while true {
        available.wait()
        let job = jobs.withLock { $0.removeFirst() }
        job()
      }
    }
    thread.name = "launcher"
    thread.start()
  }

  /// Runs `body`, which may block, on the thread.
  func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      jobs.withLock { $0.append { continuation.resume(with: Result { try body() }) } }
      available.signal()
    }
  }
}
