public import GRPCCore

/// What the transport tells a handler beyond GRPCCore's context; it is the context's `transportSpecific`.
public struct Nghttp2ServerContext: ServerContext.TransportSpecific {
  // One reference, which fits into the existential that GRPCCore makes of it.
  private let stream: ServerStream

  init(stream: ServerStream) {
    self.stream = stream
  }

  /// When the caller stops waiting, from `grpc-timeout`; nil when it waits for ever. It is found at each use.
  ///
  /// The transport answers DEADLINE_EXCEEDED and cancels the handler by itself; this is for passing the rest on to
  /// other calls.
  public var deadline: ContinuousClock.Instant? { self.stream.deadline.map { ContinuousClock.Instant($0) } }

  /// The client at the other end of the call's connection.
  public var peer: ConnectionPeer { self.stream.peer }

  /// Whether the response's messages are compressed.
  public var compression: ResponseCompression { ResponseCompression(stream: self.stream) }
}

extension ServerContext {
  /// When the caller stops waiting; nil when it waits for ever or another transport took the call.
  public var deadline: ContinuousClock.Instant? {
    (self.transportSpecific as? Nghttp2ServerContext)?.deadline
  }

  /// Whether the response's messages are compressed; nil on another transport.
  public var responseCompression: ResponseCompression? {
    (self.transportSpecific as? Nghttp2ServerContext)?.compression
  }

  /// The URI that the client's verified certificate names; nil without mutual TLS or on another transport.
  public var peerIdentity: String? {
    (self.transportSpecific as? Nghttp2ServerContext)?.peer.identity
  }
}
