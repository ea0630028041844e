import NIOCore

extension NIOBSDSocket.Option {
  /// How many milliseconds sent bytes may stay unacknowledged before Linux closes the connection (RFC 5482); 18 is
  /// `TCP_USER_TIMEOUT` of `linux/tcp.h`.
  static let tcpUserTimeout = Self(rawValue: 18)

  /// What to set ``tcpUserTimeout`` to, as gRFC A18 wants it: the keepalive timeout, and without keepalive 0, which
  /// stands for the system's default.
  static func tcpUserTimeout(keepaliveTimeout: Duration?) -> Int {
    guard let keepaliveTimeout else { return 0 }
    return Int(CInt(clamping: TimeAmount(clamping: keepaliveTimeout).nanoseconds / 1_000_000))
  }
}

extension Nghttp2ServerConfiguration {
  /// The milliseconds that bytes sent to a client may stay unacknowledged; 0 for the system's default.
  var tcpUserTimeout: Int {
    NIOBSDSocket.Option.tcpUserTimeout(keepaliveTimeout: self.keepaliveTime == nil ? nil : self.keepaliveTimeout)
  }
}

extension ClientKeepalive? {
  /// The milliseconds that bytes sent to a server may stay unacknowledged; 0 for the system's default.
  var tcpUserTimeout: Int { NIOBSDSocket.Option.tcpUserTimeout(keepaliveTimeout: self?.timeout) }
}
