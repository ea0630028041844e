/// The most that one client, and all of them together, may take of the process.
package struct ServerLimits: Sendable {
  /// The most connections at a time; more wait to be accepted.
  package var connections = 1_024
  /// The most HTTP/2 streams at a time, of all connections; further ones get 429.
  package var streams = 2_048
  /// The 401 answers of the API that are given at once each second; further ones wait, up to a second. 0: none waits.
  package var refusalsPerSecond = 200
  /// The longest that a connection may be silent between requests, or in the middle of one. Longer than the 60 s
  /// after which load balancers usually close one, so that none sends a request on a connection that is being closed.
  package var idleTimeout = Duration.seconds(75)
  /// How fast a client has to send a body.
  package var bodyPace = BodyReader.Pace()
  /// The most bytes of bodies over 64 KiB that are held at a time. An account has no more of them than stay free for
  /// others; clients that send more wait, and get 429 after a quarter of the time for a body.
  package var bodyMemory = 256 << 20
  /// The longest that a client may take to read the next piece of an answer.
  package var stallTimeout = Duration.seconds(60)
  /// The longest that a client may take for a TLS handshake.
  package var handshakeTimeout = Duration.seconds(10)
  /// The most bytes of a request's target: its path and query. RFC 9112, section 3, recommends at least 8,000.
  package var targetSize = 8 << 10
  /// The most bytes of a request's target and all of its header fields.
  package var headerSize = 16 << 10
  /// The most header fields of a request.
  package var headerCount = 100

  /// Creates the limits that the gateway has unless settings say otherwise.
  package init() {}
}
