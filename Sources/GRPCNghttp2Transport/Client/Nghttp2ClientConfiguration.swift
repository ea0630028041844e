public import GRPCCore

/// The limits and timings of a ``Nghttp2ClientTransport``.
///
/// Values outside their ranges are clamped to them when a transport is made. Durations end at ten years.
public struct Nghttp2ClientConfiguration: Sendable {
  /// The largest response message in bytes, unless a call's options say otherwise; a larger one is RESOURCE_EXHAUSTED.
  /// 0 to 2^32 - 1, which is what a message's prefix can say.
  public var maxReceiveMessageBytes = 4 << 20
  /// The largest request message in bytes, unless a call's options say otherwise; 0 to 2^32 - 1.
  public var maxSendMessageBytes = Int(UInt32.max)
  /// The header sections accepted, in bytes as RFC 9113 section 6.5.2 counts; a longer one ends its call with
  /// RESOURCE_EXHAUSTED. 1024 to 2^32 - 1.
  public var maxHeaderListBytes = 16_384
  /// What a server may send on one stream before it is read, in bytes; 1024 to 2^31 - 1 (RFC 9113 section 6.9.2). A
  /// client that let less come would look like one that floods its server with frames.
  public var streamWindowBytes = 65_535
  /// What a server may send on one connection before the transport takes it, in bytes; 65,535, which no peer can be
  /// told to go below, to 2^31 - 1 (RFC 9113 section 6.9.2).
  public var connectionWindowBytes = 1 << 20
  /// The unsent bytes of one request above which its writer waits; not negative.
  public var writeHighWatermarkBytes = 65_536
  /// How long a connection may take, to the server's SETTINGS; at least a millisecond.
  public var connectTimeout = Duration.seconds(5)
  /// How long to leave an address alone after it failed.
  public var backoff = ConnectionBackoff()
  /// Pings that find a dead connection; nil sends none.
  public var keepalive: ClientKeepalive?
  /// The shortest time between two resolutions of a name that has addresses; not negative.
  ///
  /// A name is resolved again when a connection to one of its addresses was lost or could not be made.
  public var resolutionInterval = Duration.seconds(5)
  /// The addresses of one name that are connected to; further ones are left out. At least 1.
  public var maxAddressesPerName = 16
  /// The bytes of a request's messages that are kept until the server answers, so that a call which the server says it
  /// never processed can be made again on another connection; 0 keeps none. Not negative.
  public var maxReplayBytes = 65_536
  /// The calls that may wait for a connection, or for a server's concurrency limit to let them on one; further ones are
  /// UNAVAILABLE. At least 1.
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
