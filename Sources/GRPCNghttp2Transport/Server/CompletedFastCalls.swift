import Synchronization

/// The answers that were given later to calls of a connection, on their way to its event loop.
struct CompletedFastCalls: ~Copyable, Sendable {
  typealias Entry = (streamID: Int32, completion: FastPathPromise.Completion, outlivesCall: Bool)

  // Not private: a type that has this as its part needs to know it.
  struct State {
    var entries: [Entry] = []
    var isClosed = false
  }

  private let state = Mutex(State())

  /// Adds an answer, from any thread; returns whether the caller is to have the event loop take what was added.
  func add(_ entry: Entry) -> Bool {
    self.state.withLock { state in
      // The event loop may be gone with its server.
      guard !state.isClosed else { return false }
      state.entries.append(entry)
      return state.entries.count == 1
    }
  }

  /// Takes what was added; on the event loop.
  func take() -> [Entry] {
    self.state.withLock { state in
      defer { state.entries = [] }
      return state.entries
    }
  }

  /// The connection is gone, and with it the calls: what is added from now on is nobody's.
  func close() {
    self.state.withLock { state in
      state.isClosed = true
      state.entries = []
    }
  }
}
