import Glibc
import NIOCore
import NIOPosix

/// Asks the C library, which reads /etc/hosts and DNS, on a thread that may block.
struct SystemNameResolver: NameResolver {
  /// Why a name has no addresses, in the C library's words.
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  func addresses(of host: String, port: Int) async throws -> [SocketAddress] {
    try await NIOThreadPool.singleton.runIfActive { try Self.lookUp(host, port) }
  }

  private static func lookUp(_ host: String, _ port: Int) throws -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(host, String(port), &hints, &list)
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
