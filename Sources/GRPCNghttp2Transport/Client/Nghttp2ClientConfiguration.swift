public import GRPCCore

/// The limits and timings of a ``Nghttp2ClientTransport``.
public struct Nghttp2ClientConfiguration: Sendable {
  /// The largest response message in bytes, unless a call's options say otherwise; a larger one is RESOURCE_EXHAUSTED.
  public var maxReceiveMessageBytes = 4 << 20
  /// The largest request message in bytes, unless a call's options say otherwise.
  public var maxSendMessageBytes = Int(UInt32.max)
  /// The header sections accepted, in bytes as RFC 9113 section 6.5.2 counts; a longer one ends its call with
  /// RESOURCE_EXHAUSTED.
  public var maxHeaderListBytes = 16_384
  /// What a server may send on one stream before it is read, in bytes.
  public var streamWindowBytes = 65_535
  /// What a server may send on one connection before the transport takes it, in bytes.
  public var connectionWindowBytes = 1 << 20
  /// The unsent bytes of one request above which its writer waits.
  public var writeHighWatermarkBytes = 65_536
  /// How long a connection may take, to the server's SETTINGS.
  public var connectTimeout = Duration.seconds(5)
  /// How long to leave an address alone after it failed.
  public var backoff = ConnectionBackoff()
  /// Pings that find a dead connection; nil sends none.
  public var keepalive: ClientKeepalive?
  /// The shortest time between two resolutions of a name that has addresses.
  ///
  /// A name is resolved again when a connection to one of its addresses was lost or could not be made.
  public var resolutionInterval = Duration.seconds(5)
  /// The addresses of one name that are connected to; further ones are left out.
  public var maxAddressesPerName = 16
  /// The bytes of a request's messages that are kept until the server answers, so that a call which the server says it
  /// never processed can be made again on another connection; 0 keeps none.
  public var maxReplayBytes = 65_536
  /// The calls of one connection that may wait for the server's concurrency limit; further ones are UNAVAILABLE.
  public var maxQueuedCallsPerConnection = 1000
  /// The calls that may wait for a connection; further ones are UNAVAILABLE.
  public var maxCallsAwaitingConnection = 10_000
  /// Timeouts, retries and message limits for each method, as gRPC's service config has them.
  public var serviceConfig = ServiceConfig()
  /// The id of each connection's first stream; nil for 1. A test's way to the end of the ids.
  package var firstStreamID: Int32?

  /// What each property says.
  public static let defaults = Self()

  /// Creates the defaults.
  public init() {}
}
