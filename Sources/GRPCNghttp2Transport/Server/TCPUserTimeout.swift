import NIOCore

extension NIOBSDSocket.Option {
  /// How many milliseconds sent bytes may stay unacknowledged before Linux closes the connection (RFC 5482); 18 is
  /// `TCP_USER_TIMEOUT` of `linux/tcp.h`.
  static let tcpUserTimeout = Self(rawValue: 18)
}

extension Nghttp2ServerConfiguration {
  /// The keepalive timeout, as gRFC A18 wants it; 0, which stands for the system's default, without keepalive.
  var tcpUserTimeout: Int {
    guard self.keepaliveTime != nil else { return 0 }
    return Int(CInt(clamping: TimeAmount(clamping: self.keepaliveTimeout).nanoseconds / 1_000_000))
  }
}
