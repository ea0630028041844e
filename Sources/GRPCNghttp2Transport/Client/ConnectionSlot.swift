import GRPCCore
import NIOCore

/// One address of a client, and its connection.
struct ConnectionSlot<Connection: PooledConnection>: Sendable {
  enum Phase: Sendable {
    case idle
    case connecting
    case ready(Connection, since: NIODeadline)
    /// Calls that don't wait for ready fail with the error, or wait as well when there is none.
    case backingOff(RPCError?, until: NIODeadline)
  }

  let id: UInt64
  let target: Int
  let address: SocketAddress
  var phase = Phase.idle
  /// Attempts in a row that led to no connection that was proven or outlived its delay.
  var failures = 0

  var connection: Connection? {
    if case .ready(let connection, _) = self.phase { connection } else { nil }
  }

  var failure: RPCError? {
    if case .backingOff(let error, _) = self.phase { error } else { nil }
  }

  /// Whether it has no connection, and its last attempt led to none of use.
  var isFailing: Bool { self.connection == nil && self.failures > 0 }

  var isIdle: Bool {
    if case .idle = self.phase { true } else { false }
  }
}
