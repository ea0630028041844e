import GRPCCore
import NIOCore

/// An endpoint of a client: one address, or a name that stands for several.
package struct ConnectionTarget: Sendable {
  let endpoint: SocketEndpoint
  /// The address when the endpoint is no name.
  let address: SocketAddress?
  /// Whether a name's addresses are to be looked up (again).
  var isStale: Bool
  var isResolving = false
  /// When the last resolution began.
  var resolvedAt: NIODeadline?
  /// How many resolutions in a row have brought nothing new.
  var repeats = 0
  /// Failed resolutions in a row.
  var failures = 0
  /// Why a name without addresses isn't looked up, and until when.
  var failure: (error: RPCError, until: NIODeadline)?

  /// Throws INVALID_ARGUMENT for an endpoint that can be neither connected to nor looked up.
  package init(_ endpoint: SocketEndpoint) throws {
    self.endpoint = endpoint
    do {
      switch endpoint {
      case .host(let host, let port):
        guard (0...65_535).contains(port) else { throw RPCError(code: .invalidArgument, message: "no such port") }
        self.address = try? SocketAddress(ipAddress: host, port: port)
      case .unixSocket(let path):
        self.address = try SocketAddress(unixDomainSocketPath: path)
      }
    } catch {
      throw RPCError(code: .invalidArgument, message: "\(endpoint) is no address: \(error).")
    }
    self.isStale = self.address == nil
  }

  /// Whether a lookup is to begin now: at most one at a time, and with `hasAddresses` one each `interval`, which
  /// doubles up to three times while lookups bring nothing new: one address that is down is no reason to ask again and
  /// again.
  func needsResolution(hasAddresses: Bool, interval: TimeAmount, now: NIODeadline) -> Bool {
    guard self.isStale, !self.isResolving, self.failure == nil else { return false }
    guard hasAddresses, let last = self.resolvedAt else { return true }
    var wait = interval
    for _ in 0..<min(self.repeats, 3) where wait < .hours(1) {
      wait = wait * 2
    }
    return now >= last + wait
  }
}
