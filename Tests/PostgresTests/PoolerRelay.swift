import Foundation
import Synchronization
import TestSupport

/// A connection pooler as its clients see it, in front of a real server: it refuses the startup parameter `options`,
/// and gives cancellation keys of its own.
final class PoolerRelay: Sendable {
  private static let counter = Atomic(0)

  /// Two connected sockets, closed when both directions have ended.
  private final class Route: Sendable {
    let client: Int32
    let server: Int32

    init(client: Int32, server: Int32) {
      self.client = client
      self.server = server
    }

    func end() {
      shutdown(client, Int32(SHUT_RDWR))
      shutdown(server, Int32(SHUT_RDWR))
    }

    deinit {
      close(client)
      close(server)
    }
  }

  private let folder: String
  private let cluster: TestCluster
  private let listener: Int32

  /// Listens on a Unix socket in a folder of the cluster's.
  /// - Parameter inStatementMode: Whether a transaction that stays open ends the connection.
  init(to cluster: TestCluster, inStatementMode: Bool = false) throws {
    self.cluster = cluster
    folder = "\(cluster.socketDirectory)/pooler-\(Self.counter.wrappingAdd(1, ordering: .relaxed).newValue)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    let isBound = Self.withAddress("\(folder)/.s.PGSQL.5432") { bind(listener, $0, $1) } == 0
    guard isBound, listen(listener, 64) == 0 else { throw TimedOut("No socket can be bound") }
    let target = "\(cluster.socketDirectory)/.s.PGSQL.5432"
    Thread.detachNewThread {
      while true {
        let client = accept(listener, nil, nil)
        if client < 0 { break }
        let route = Route(client: client, server: socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
        guard Self.withAddress(target, { connect(route.server, $0, $1) }) == 0 else { continue }
        Thread.detachNewThread { Self.serve(route, inStatementMode: inStatementMode) }
      }
      close(listener)
    }
  }

  deinit {
    // Ends the thread's wait; it closes the socket.
    shutdown(listener, Int32(SHUT_RDWR))
  }

  /// A URL of the cluster's, through the pooler.
  func url(_ url: String) -> String {
    url.replacing("host=\(cluster.socketDirectory)", with: "host=\(folder)")
  }

  private static func serve(_ route: Route, inStatementMode: Bool) {
    defer { route.end() }
    // A message without a type: its length, the protocol's version, names and values that end with NUL.
    guard let startup = nextMessage(from: route.client, typed: false) else { return }
    if startup.dropFirst(8).split(separator: 0).contains(where: { $0.elementsEqual("options".utf8) }) {
      return write(fatal("unsupported startup parameter: options"), to: route.client)
    }
    write(startup, to: route.server)
    Thread.detachNewThread {
      var bytes = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(route.client, &bytes, bytes.count)
        if count <= 0 { break }
        write(Array(bytes[..<count]), to: route.server)
      }
      route.end()
    }
    while var message = nextMessage(from: route.server, typed: true) {
      switch message[0] {
      case UInt8(ascii: "K"): message[5] ^= 0x40
      case UInt8(ascii: "Z") where inStatementMode && message[5] == UInt8(ascii: "T"):
        return write(fatal("transaction blocks not allowed in statement pooling mode"), to: route.client)
      default: break
      }
      write(message, to: route.client)
    }
  }

  /// An ErrorResponse with severity FATAL, and with PgBouncer's fields: there is no `V`.
  private static func fatal(_ text: String) -> [UInt8] {
    let fields = Array("SFATAL\0C08P01\0M\(text)\0\0".utf8)
    return [UInt8(ascii: "E")] + withUnsafeBytes(of: UInt32(fields.count + 4).bigEndian) { Array($0) } + fields
  }

  /// The next message of the protocol with its type and length; `nil` at the end.
  private static func nextMessage(from socket: Int32, typed: Bool) -> [UInt8]? {
    let start = typed ? 1 : 0
    guard let head = bytes(start + 4, from: socket) else { return nil }
    let length = head[start...].reduce(0) { $0 << 8 | Int($1) }
    return bytes(length - 4, from: socket).map { head + $0 }
  }

  private static func bytes(_ count: Int, from socket: Int32) -> [UInt8]? {
    var all = [UInt8](repeating: 0, count: count)
    let received = count == 0 ? 0 : recv(socket, &all, count, Int32(MSG_WAITALL))
    return received == count ? all : nil
  }

  private static func write(_ bytes: [UInt8], to socket: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if sent <= 0 { return }
      rest = rest.dropFirst(sent)
    }
  }

  private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    return withUnsafePointer(to: address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
