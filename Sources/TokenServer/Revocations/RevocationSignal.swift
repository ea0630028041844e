import Postgres
import ServiceKit
import ServiceLifecycle
import Synchronization

/// Wakes this replica's streams when the log may have grown.
final class RevocationSignal: Sendable {
  private struct State {
    var lastID: UInt64 = 0
    var streams: [UInt64: Wakeups] = [:]
  }

  private let state = Mutex(State())

  /// Wakes every stream.
  func wake() {
    for wakeups in state.withLock({ Array($0.streams.values) }) { wakeups.wake() }
  }

  /// Lends what wakes a stream for as long as `body` runs.
  func withWakeups<Result>(_ body: (Wakeups) async throws -> Result) async throws -> Result {
    let wakeups = Wakeups()
    let id = state.withLock { state in
      state.lastID += 1
      state.streams[state.lastID] = wakeups
      return state.lastID
    }
    defer { _ = state.withLock { $0.streams.removeValue(forKey: id) } }
    return try await body(wakeups)
  }
}

/// Wakes the streams for the commits of every replica, which notify of them.
///
/// Streams read the log every so often anyway: without this they are only later.
struct RevocationListener: Service {
  let database: Database
  let signal: RevocationSignal

  func run() async throws {
    try await cancelWhenGracefulShutdown {
      for await _ in try database.notifications(on: RevocationStore.channel) { signal.wake() }
    }
    // The database was closed before the process drains.
    try? await gracefulShutdown()
  }
}
