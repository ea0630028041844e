import GRPCCore
import GRPCNghttp2Transport
import Logging

/// A server that runs until it is stopped in its way.
struct RestartableServer: Sendable {
  /// How it is stopped.
  enum Manner: String, Sendable {
    /// It warns its clients, serves what they had sent by then, and leaves.
    case gracefully
    /// It lets calls pile up, and then leaves them, without having begun them or said so before.
    case impolitely
    /// Every socket is closed at once, with calls at work.
    case violently
  }

  /// Stops it under a load; returns once its sockets are closed.
  let stop: @Sendable (RestartLoad) async throws -> Void
  /// Stops it without a load, for good.
  let end: @Sendable () async throws -> Void

  /// Starts the server number `index`, as soon as its predecessor has left the socket.
  static func start(
    _ manner: Manner, _ index: Int, on endpoint: SocketEndpoint, _ ledger: ExecutionLedger
  ) async throws -> Self {
    if manner == .impolitely {
      let server = try await ImpoliteServer.start(index, on: endpoint, ledger)
      return Self(stop: { try await server.stop(under: $0) }, end: { try await server.close() })
    }
    let transport = Nghttp2ServerTransport(listeningOn: endpoint, logger: Logger(label: "test"))
    let server = GRPCServer(transport: transport, services: [ledger.service(of: index)])
    let run = Task { try await server.serve() }
    _ = try await transport.boundEndpoint
    let end = { @Sendable () async throws in
      if manner == .gracefully {
        server.beginGracefulShutdown()
      } else {
        run.cancel()
      }
      try await run.value
    }
    return Self(
      stop: { load in
        if manner == .violently {
          // By gRPC's rules a call whose response has begun isn't retried (gRFC A6).
          try await load.waitForEnds(of: ledger.stall(index))
        }
        try await end()
        ledger.forget(index)
      }, end: end)
  }
}
