import Synchronization

/// How often each of several things happened.
final class Tally: Sendable {
  private let state = Mutex<[String: Int]>([:])

  var counts: [String: Int] { self.state.withLock { $0 } }

  func add(_ name: String) {
    self.state.withLock { $0[name, default: 0] += 1 }
  }
}
