import HummingbirdCore
import Logging
package import ServiceKit

/// The limit of connections that are open at a time: more wait to be accepted, which the log says.
package struct ConnectionLimit: AvailableConnectionsDelegate {
  private let limit: Int
  private let faults: FaultLog
  private var open = 0

  /// Allows `limit` connections.
  package init(_ limit: Int, faults: FaultLog) {
    self.limit = limit
    self.faults = faults
  }

  package mutating func connectionOpened() {
    open += 1
  }

  package mutating func connectionClosed() {
    open -= 1
  }

  package func isAcceptingNewConnections() -> Bool {
    if open < limit { return true }
    faults.note(
      "As many connections are open as --max-connections allows: further ones wait", kind: "connections",
      metadata: ["connections": "\(open)"])
    return false
  }
}
