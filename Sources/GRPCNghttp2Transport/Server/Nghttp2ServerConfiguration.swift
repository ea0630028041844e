public import GRPCCore

/// The limits of a ``Nghttp2ServerTransport``.
public struct Nghttp2ServerConfiguration: Sendable {
  /// How response messages are encoded, where the client accepts it: none (identity) or gzip; anything else is none.
  /// Handlers may choose for themselves with ``ResponseCompression``. Compressed requests are always accepted.
  public var responseCompression = CompressionAlgorithm.none
  /// The largest request message in bytes; a larger one ends its call with RESOURCE_EXHAUSTED.
  public var maxReceiveMessageBytes = 4 << 20
  /// The largest response message in bytes.
  public var maxSendMessageBytes = Int(UInt32.max)
  /// The calls that a client may have open on one connection.
  public var maxConcurrentStreams = 1000
  /// The connections held at once; further ones are closed as soon as they are accepted.
  public var maxConnections = 4096
  /// How long a client may take from the accepted connection to the end of the TLS handshake.
  public var tlsHandshakeTimeout = Duration.seconds(10)
  /// The header sections accepted, in bytes as RFC 9113 section 6.5.2 counts; a longer one is answered with 431.
  public var maxHeaderListBytes = 16_384
  /// What a client may send on one stream before the handler reads, in bytes.
  public var streamWindowBytes = 65_535
  /// What a client may send on one connection before the transport takes it, in bytes.
  public var connectionWindowBytes = 1 << 20
  /// The unsent bytes of one response above which its writer waits.
  public var writeHighWatermarkBytes = 65_536
  /// How long calls may go on after ``Nghttp2ServerTransport/beginGracefulShutdown()``; then their connections are
  /// closed.
  public var shutdownGracePeriod = Duration.seconds(30)
  /// How long a client may take from the accept to its SETTINGS and the acknowledgement of the server's, any TLS
  /// handshake included. 10 seconds; gRPC's C core has 120.
  public var handshakeTimeout = Duration.seconds(10)
  /// How long a header section may take from its first byte to its last. 10 seconds.
  public var headerSectionTimeout = Duration.seconds(10)
  /// How long a connection may be without a call before it is drained; nil, as gRPC's default is, for ever (gRFC A9).
  public var maxConnectionIdle: Duration?
  /// How old a connection may become, give or take a random 10 %, before it is drained; nil, as gRPC's default is, for
  /// as old as it likes (gRFC A9).
  public var maxConnectionAge: Duration?
  /// How long the calls of a connection that is too old may go on before it is closed; nil, as gRPC's default is, for
  /// ever (gRFC A9).
  public var maxConnectionAgeGrace: Duration?
  /// How long a client may be silent before it is pinged; nil to never ping. Two hours, as gRPC's default is (gRFC A8).
  /// It is exact to a quarter.
  public var keepaliveTime: Duration? = .seconds(7200)
  /// How long a client may take to answer a ping, or to acknowledge what was sent over TCP, before its connection is
  /// closed. 20 seconds, as gRPC's default is (gRFC A8 and A18).
  public var keepaliveTimeout = Duration.seconds(20)
  /// How far apart a client's pings must be unless it is sent something between them. 5 minutes, as gRPC's default is
  /// (gRFC A8).
  public var minPingInterval = Duration.seconds(300)
  /// Whether ``minPingInterval`` holds for clients without a call; otherwise it is two hours for them, as gRPC's default
  /// is (gRFC A8).
  public var permitsPingsWithoutCalls = false
  /// How many pings may come too soon; one more, and the connection ends with ENHANCE_YOUR_CALM and "too_many_pings". 2,
  /// as gRPC's default is (gRFC A8).
  public var maxPingStrikes = 2
  /// How many calls a client may reset at once, before its connection is closed as an attack (CVE-2023-44487).
  public var maxResetBurst = 10_000
  /// How many calls a client may reset each second once it has used up ``maxResetBurst``.
  public var maxResetsPerSecond = 1000
  /// Whether handlers run on the event loop until they first suspend, which saves a hop a call.
  ///
  /// Turn it off for handlers that compute for long before their first `await`.
  public var startsHandlersOnEventLoop = true

  /// What each property says.
  public static let defaults = Self()

  /// Creates the defaults.
  public init() {}
}
