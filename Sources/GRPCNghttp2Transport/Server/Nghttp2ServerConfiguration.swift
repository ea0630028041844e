public import GRPCCore

/// The limits of a ``Nghttp2ServerTransport``.
///
/// Values outside their ranges are clamped to them when a transport is made. Durations end at ten years.
public struct Nghttp2ServerConfiguration: Sendable {
  /// How response messages are encoded, where the client accepts it: none (identity) or gzip; anything else is none.
  /// Handlers may choose for themselves with ``ResponseCompression``.
  public var responseCompression = CompressionAlgorithm.none
  /// Whether clients may compress requests with gzip; if not, a call that announces it is UNIMPLEMENTED. A client that
  /// may makes the server work for what it sends: a thousandth of a message's size is enough.
  public var acceptsCompressedRequests = true
  /// The largest request message in bytes, restored if it was compressed; a larger one ends its call with
  /// RESOURCE_EXHAUSTED. One that is larger than ``maxHeldBytesPerConnection`` does, too. 0 to 2^32 - 1, which is what
  /// a message's prefix can say.
  public var maxReceiveMessageBytes = 4 << 20
  /// What the requests on one connection may hold in memory, in bytes; a call that would add to more than that ends
  /// with RESOURCE_EXHAUSTED, and the others go on. 32 MiB: eight messages of the largest size.
  ///
  /// It counts what was received of incomplete messages, those that wait for their handlers, and those that a handler
  /// has taken, until it takes what follows: the next message or the end. Metadata counts, too, and 20 KiB for each
  /// open call, with which up to 4 KiB of all that are its own: so small calls are never refused for what others hold.
  /// Not negative.
  public var maxHeldBytesPerConnection = 32 << 20
  /// What the requests on all connections may hold in memory, in bytes, counted to 128 KiB each. Beyond that, calls on
  /// connections that hold more than their share, which is this divided by the number of connections, end with
  /// RESOURCE_EXHAUSTED; beyond one and a half times as much, calls on connections with more than half of what would be
  /// the share if there were ``maxConnections``. 256 MiB: eight connections that hold all they may. Not negative.
  public var maxHeldBytes = 256 << 20
  /// How long a client may keep the server waiting for the rest of a message, or for the next message or the end of a
  /// request that a handler wants to read; then the call ends with DEADLINE_EXCEEDED. Nil for ever. It is exact to a
  /// quarter more, and at least a millisecond.
  ///
  /// It is independent of the call's own deadline, which is the client's to choose, and doesn't run while a handler has
  /// something to read or is busy with what it has read.
  public var requestTimeout: Duration?
  /// The largest response message in bytes; 0 to 2^32 - 1, which is what a message's prefix can say.
  public var maxSendMessageBytes = Int(UInt32.max)
  /// The calls that a client may have open on one connection; 1 to 2^32 - 1.
  public var maxConcurrentStreams = 1000
  /// The connections held at once; further ones are closed as soon as they are accepted. Not negative.
  public var maxConnections = 4096
  /// How long a client may take from the accepted connection to the end of the TLS handshake; at least a millisecond.
  public var tlsHandshakeTimeout = Duration.seconds(10)
  /// The header sections accepted, in bytes as RFC 9113 section 6.5.2 counts; a longer one is answered with 431. Values
  /// that share one `-bin` field count like fields of their own. 1024, of which a call takes about half, to 2^32 - 1.
  public var maxHeaderListBytes = 16_384
  /// What a client may send on one stream before the handler reads, in bytes; 1024 to 2^31 - 1 (RFC 9113 section
  /// 6.9.2). A client whose payload had to come in smaller pieces would look like one that floods the server with
  /// frames.
  public var streamWindowBytes = 65_535
  /// What a client may send on one connection before the transport takes it, in bytes; 65,535, which no peer can be
  /// told to go below, to 2^31 - 1 (RFC 9113 section 6.9.2).
  public var connectionWindowBytes = 1 << 20
  /// The unsent bytes of one response above which its writer waits; not negative.
  public var writeHighWatermarkBytes = 65_536
  /// How long calls may go on after ``Nghttp2ServerTransport/beginGracefulShutdown()``; then their connections are
  /// closed. A client that is slow to read its last answer has until then, too, and at least 5 seconds if it isn't at
  /// its last answer already when the shutdown begins. Not negative.
  public var shutdownGracePeriod = Duration.seconds(30)
  /// How long a client has at least to read what it is sent last, and at most after an error; at least a millisecond.
  package var lingerTime = Duration.seconds(5)
  /// How long a client may take from the accept to its SETTINGS and the acknowledgement of the server's, any TLS
  /// handshake included. 10 seconds; gRPC's C core has 120. At least a millisecond.
  public var handshakeTimeout = Duration.seconds(10)
  /// How long a header section may take from its first byte to its last. 10 seconds; at least a millisecond.
  public var headerSectionTimeout = Duration.seconds(10)
  /// How long a connection may be without a call, its handshake not counted, before it is drained; nil, as gRPC's
  /// default is, for ever (gRFC A9). At least a millisecond.
  public var maxConnectionIdle: Duration?
  /// How old a connection may become from its handshake on, give or take a random 10 %, before it is drained; nil, as
  /// gRPC's default is, for as old as it likes (gRFC A9). At least a millisecond.
  public var maxConnectionAge: Duration?
  /// How long the calls of a connection that is too old may go on before it is closed; nil, as gRPC's default is, for
  /// ever (gRFC A9). Not negative.
  public var maxConnectionAgeGrace: Duration?
  /// How long a client may be silent before it is pinged; nil to never ping. Two hours, as gRPC's default is (gRFC A8).
  /// It is exact to a quarter, and at least a millisecond.
  public var keepaliveTime: Duration? = .seconds(7200)
  /// How long a client may take to answer a ping, or to acknowledge what was sent over TCP, before its connection is
  /// closed. 20 seconds, as gRPC's default is (gRFC A8 and A18); at least a millisecond.
  public var keepaliveTimeout = Duration.seconds(20)
  /// How far apart a client's pings must be unless it is sent something between them. 5 minutes, as gRPC's default is
  /// (gRFC A8); not negative.
  public var minPingInterval = Duration.seconds(300)
  /// Whether ``minPingInterval`` holds for clients without a call; otherwise it is two hours for them, as gRPC's
  /// default is (gRFC A8).
  public var permitsPingsWithoutCalls = false
  /// How many pings may come too soon; one more, and the connection ends with ENHANCE_YOUR_CALM and "too_many_pings".
  /// 2, as gRPC's default is (gRFC A8); not negative.
  public var maxPingStrikes = 2
  /// How many calls a client may reset at once, before its connection is closed as an attack (CVE-2023-44487); 0 to
  /// 2^32 - 1.
  public var maxResetBurst = 10_000
  /// How many calls a client may reset each second once it has used up ``maxResetBurst``; 0 to 2^32 - 1.
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
