/// When a client pings a server that says nothing, to learn of a dead connection (gRFC A8).
///
/// A server that is pinged more often than it permits ends the connection with ENHANCE_YOUR_CALM and "too_many_pings";
/// the client then doubles the time for its later connections, up to an hour.
///
/// Times outside their range, a millisecond to ten years, are clamped to it when a transport is made.
public struct ClientKeepalive: Sendable, Hashable {
  /// How long nothing may arrive before a ping is sent. Other makes of servers permit one in five minutes unless they
  /// are told otherwise.
  public var time = Duration.seconds(300)
  /// How long anything may take to arrive after a ping, and what was sent over TCP to be acknowledged (gRFC A18); then
  /// the open calls end with UNAVAILABLE.
  public var timeout = Duration.seconds(20)
  /// Whether connections without calls are pinged, too.
  public var permitsWithoutCalls = false

  /// Creates the defaults.
  public init() {}
}
