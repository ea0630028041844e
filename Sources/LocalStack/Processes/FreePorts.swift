import Foundation

/// Ports of the loopback interface.
package enum FreePorts {
  /// Where ports are picked: below the range from which Linux takes the ports of outgoing connections (32768), so that
  /// a port is still free when the service takes it, and takes it again after a restart.
  package static let range: ClosedRange<UInt16> = 20_000...32_767

  /// Picks free ports, all different.
  package static func pick(_ count: Int) throws -> [UInt16] {
    var picked: [UInt16] = []
    for _ in 0..<2_000 where picked.count < count {
      let port = UInt16.random(in: range)
      if !picked.contains(port), isFree(port) { picked.append(port) }
    }
    guard picked.count == count else {
      throw LocalStackError(.portInUse, "No free ports were found between \(range.lowerBound) and \(range.upperBound)")
    }
    return picked
  }

  /// Whether a server could listen on a port now.
  package static func isFree(_ port: UInt16) -> Bool {
    withSocket { descriptor in
      var yes: CInt = 1
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
      return withLoopback(port) { bind(descriptor, $0, $1) == 0 } && listen(descriptor, 1) == 0
    }
  }

  /// Whether something listens on a port. A connection over the loopback interface is made or refused at once.
  static func isListening(_ port: UInt16) -> Bool {
    withSocket { descriptor in withLoopback(port) { connect(descriptor, $0, $1) == 0 } }
  }

  private static func withSocket(_ body: (CInt) -> Bool) -> Bool {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return body(descriptor)
  }

  /// 127.0.0.1 with a port, in the form that the socket calls take.
  static func withLoopback<R>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }
}
