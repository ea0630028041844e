import Foundation
import Synchronization

/// Ports of the loopback interface.
package enum FreePorts {
  /// Where ports are picked: below the range from which Linux takes the ports of outgoing connections (32768), so that
  /// a port is still free when the service takes it, and takes it again after a restart.
  package static let range: ClosedRange<UInt16> = 20_000...32_767

  /// The sockets that keep other stacks off the ports that this process picked; open until it ends.
  private static let reservations = Mutex<[CInt]>([])

  /// Picks free ports, all different, that no other stack picks as long as this process lives: two that start at the
  /// same time must not take each other's processes for their own.
  package static func pick(_ count: Int, in range: ClosedRange<UInt16> = Self.range) throws -> [UInt16] {
    var picked: [UInt16] = []
    for _ in 0..<2_000 where picked.count < count {
      let port = UInt16.random(in: range)
      if !picked.contains(port), isFree(port), reserve(port) { picked.append(port) }
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

  /// Keeps other stacks off a port, once: by a name among abstract Unix sockets, which the kernel gives to one process
  /// and takes back at its end.
  package static func reserve(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let name = [0] + Array("temporis-port-\(port)".utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    let isOurs = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 }
    }
    if isOurs { reservations.withLock { $0.append(descriptor) } } else { close(descriptor) }
    return isOurs
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
