import Glibc
import TestSupport

/// Listens on a port of 127.0.0.1, and never says anything.
final class SilentServer: Sendable {
  let port: Int
  private let listener: Int32

  init() throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let failed = withUnsafeMutableBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { address in
        bind(listener, address.baseAddress, size) != 0 || listen(listener, 16) != 0
          || getsockname(listener, address.baseAddress, &size) != 0
      }
    }
    port = Int(UInt16(bigEndian: address.sin_port))
    if failed { throw TimedOut("No port is free") }
  }

  deinit {
    close(listener)
  }
}
