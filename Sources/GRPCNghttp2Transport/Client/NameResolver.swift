package import NIOCore

/// Finds the addresses of a host name.
package protocol NameResolver: Sendable {
  /// All addresses of `host`, IPv4 and IPv6, the preferred ones first; throws when there are none.
  ///
  /// Must not block the thread it is called on.
  func addresses(of host: String, port: Int) async throws -> [SocketAddress]
}
