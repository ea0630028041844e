import GRPCNghttp2Transport

/// What the gateway runs with.
struct GatewayConfiguration: Sendable {
  /// The predict-service's replicas.
  let predictService: [SocketEndpoint]
  /// The auth-verifier's replicas.
  let authVerifier: [SocketEndpoint]
  /// The token-service's replicas, which the dashboard asks.
  let tokenService: [SocketEndpoint]
  /// Where browsers find the gateway.
  let origin: PublicOrigin
  /// How long an ingest may take behind the gateway.
  let ingestTimeout: Duration
  /// How long a prediction may take until it is charged.
  let predictTimeout: Duration
  /// How long a client may then take to read it.
  let answerTimeout: Duration
  /// How long a verdict may take.
  let verifyTimeout: Duration
  /// What clients may take of the process.
  let limits: ServerLimits
  /// What TLS clients are shown. Nil: plain HTTP/1.1.
  let identity: TLSIdentity?
}
