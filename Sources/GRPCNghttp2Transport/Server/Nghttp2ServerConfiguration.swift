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
  /// Whether handlers run on the event loop until they first suspend, which saves a hop a call.
  ///
  /// Turn it off for handlers that compute for long before their first `await`.
  public var startsHandlersOnEventLoop = true

  /// What each property says.
  public static let defaults = Self()

  /// Creates the defaults.
  public init() {}
}
