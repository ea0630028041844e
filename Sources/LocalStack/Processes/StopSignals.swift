@preconcurrency import Dispatch
import Foundation
import Synchronization

/// The signals that ask us to end: SIGINT (Ctrl-C), SIGTERM and SIGHUP.
///
/// The first asks for a clean end. One that comes a second later or more forces it: our process ends at once, and its
/// children with it. Programs such as timeout(1) send the same signal twice in a row and mean one end.
final class StopSignals: Sendable {
  private struct State {
    var stoppedAt: ContinuousClock.Instant?
    var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
    var nextID = 0
  }

  private let state = Mutex(State())
  private let sources: [any DispatchSourceSignal]

  /// Takes the signals over from their default handling.
  init() {
    let queue = DispatchQueue(label: "temporis.signals", qos: .userInitiated)
    sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: queue)
    }
    for source in sources {
      source.setEventHandler { [weak self] in self?.received() }
      source.activate()
    }
  }

  /// Whether a signal came.
  var isStopped: Bool { state.withLock { $0.stoppedAt != nil } }

  /// Returns after the first signal, or when the task is cancelled.
  func wait() async {
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    let id = state.withLock { state -> Int? in
      if state.stoppedAt != nil { return nil }
      state.nextID += 1
      state.waiting[state.nextID] = continuation
      return state.nextID
    }
    guard let id else { return }
    for await _ in stream {}
    state.withLock { state in state.waiting[id] = nil }
  }

  /// Runs something until a signal comes, which cancels it.
  ///
  /// - Returns: Nothing when a signal came first.
  func race<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async throws -> R? {
    try await withThrowingTaskGroup(of: R?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        await self.wait()
        return nil
      }
      defer { group.cancelAll() }
      do {
        return try await group.next() ?? nil
      } catch {
        // What a signal cancelled fails with whatever it likes: the signal is the reason.
        if isStopped { return nil }
        throw error
      }
    }
  }

  private func received() {
    let (forced, waiting) = state.withLock { state in
      let now = ContinuousClock.now
      let forced = state.stoppedAt.map { now - $0 >= .seconds(1) } ?? false
      state.stoppedAt = state.stoppedAt ?? now
      defer { state.waiting = [:] }
      return (forced, Array(state.waiting.values))
    }
    // No clean-up: the kernel ends the children, PostgreSQL by its immediate shutdown.
    if forced { _exit(130) }
    for continuation in waiting { continuation.finish() }
  }
}
