/// Where a server listens or a client connects.
public enum SocketEndpoint: Sendable, Hashable {
  /// A TCP port of an address or of a name that is resolved at each connection; port 0 lets a server pick one.
  case host(String, port: Int)
  /// A Unix domain socket; its path takes at most 103 bytes, as SwiftNIO limits it for every system.
  case unixSocket(path: String)
}

extension SocketEndpoint {
  /// An endpoint that could not be read.
  public struct ParsingError: Error, Hashable, CustomStringConvertible {
    public var description: String
  }

  private static let maxPathBytes = 103

  /// Reads `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`.
  public init(parsing text: String) throws(ParsingError) {
    let invalid = ParsingError(
      description: "'\(text)' is no address: write host:port, [ipv6]:port or unix:/path/to/socket")
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst("unix:".count))
      guard !path.isEmpty else { throw invalid }
      guard path.utf8.count <= Self.maxPathBytes else {
        throw ParsingError(
          description: "the path of '\(text)' is too long for a socket: \(Self.maxPathBytes) bytes are the most")
      }
      self = .unixSocket(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      throw invalid
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw invalid
    }
    guard !host.isEmpty else { throw invalid }
    self = .host(String(host), port: Int(port))
  }
}

extension SocketEndpoint: CustomStringConvertible {
  /// The text that ``init(parsing:)`` reads.
  public var description: String {
    switch self {
    case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unixSocket(let path): "unix:\(path)"
    }
  }

  /// What a client sends as `:authority`.
  var authority: String {
    switch self {
    case .host: self.description
    case .unixSocket: "localhost"
    }
  }
}
