import Glibc

/// A TCP port of this machine that is taken, and that answers nothing.
package final class LoopbackSocket: Sendable {
  package struct Failure: Error {
    package let errno: Int32
  }

  /// `127.0.0.1:PORT`.
  package let address: String
  private let descriptor: Int32

  /// Takes a free port. Nobody can connect to it yet.
  package init() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &name) { name in
      name.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        bind(descriptor, name, length) + getsockname(descriptor, name, &length)
      }
    }
    self.descriptor = descriptor
    guard status == 0 else { throw Failure(errno: errno) }
    address = "127.0.0.1:\(UInt16(bigEndian: name.sin_port))"
  }

  /// Gives the port back.
  deinit { close(descriptor) }

  /// Lets clients connect; nothing reads what they send.
  package func listen() throws {
    guard Glibc.listen(descriptor, 8) == 0 else { throw Failure(errno: errno) }
  }
}
