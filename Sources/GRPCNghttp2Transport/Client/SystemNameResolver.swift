import Glibc
package import NIOCore

/// Asks the C library, which reads /etc/hosts and DNS, on threads that do nothing else.
package struct SystemNameResolver: NameResolver {
  /// Why a name has no addresses, in the C library's words.
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// The process's own: a resolver is made for each client, and the C library may block for half a minute.
  private static let lookups = NameLookups(Self.lookUp)

  package init() {}

  package func addresses(of host: String, port: Int) async throws -> [SocketAddress] {
    try await Self.lookups.addresses(of: host).map { address in
      var address = address
      address.port = port
      return address
    }
  }

  @Sendable private static func lookUp(_ host: String) throws -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(host, nil, &hints, &list)
    guard result == 0, let list else {
      throw Failure(description: String(cString: gai_strerror(result)))
    }
    defer { freeaddrinfo(list) }
    return sequence(first: list) { $0.pointee.ai_next }.compactMap { entry in
      let info = entry.pointee
      guard let address = UnsafeRawPointer(info.ai_addr) else { return nil }
      switch info.ai_family {
      case AF_INET: return SocketAddress(address.loadUnaligned(as: sockaddr_in.self), host: host)
      case AF_INET6: return SocketAddress(address.loadUnaligned(as: sockaddr_in6.self), host: host)
      default: return nil
      }
    }
  }
}
