package import NIOCore
import Synchronization

/// The limit of HTTP/2 streams that are open at a time on all connections.
///
/// Each holds memory from its header section until it is closed, before anybody knows whose it is. From half of the
/// limit on a connection gets no second stream, so that a few connections cannot take what is left from all others.
package final class StreamLimiter: Sendable {
  private struct State {
    var total = 0
    var byConnection: [ObjectIdentifier: Int] = [:]
  }

  private let limit: Int
  private let state = Mutex(State())

  /// Admits `limit` streams.
  package init(limit: Int) {
    self.limit = limit
  }

  /// Counts a stream until it is closed; false when there are too many, and nothing is counted.
  package func admit(_ stream: any Channel, of connection: any Channel) -> Bool {
    let connection = ObjectIdentifier(connection)
    let isAdmitted = state.withLock { state in
      let own = state.byConnection[connection, default: 0]
      guard state.total < limit / 2 || own == 0 && state.total < limit else { return false }
      state.total += 1
      state.byConnection[connection] = own + 1
      return true
    }
    if isAdmitted {
      stream.closeFuture.whenComplete { _ in self.closed(connection) }
    }
    return isAdmitted
  }

  private func closed(_ connection: ObjectIdentifier) {
    state.withLock { state in
      state.total -= 1
      let own = state.byConnection[connection, default: 1] - 1
      state.byConnection[connection] = own == 0 ? nil : own
    }
  }
}
