import GRPCNghttp2Transport
import HTTP2TestSupport
import Synchronization

/// A server that leaves its first connection in its second call, as a scenario says, and serves all others.
final class LeavingServer: Sendable {
  struct Execution: Equatable, Sendable {
    var connection: Int
    /// The request's messages with their prefixes.
    var payload: [UInt8]
  }

  /// The client can make the call.
  let isReady = Event()
  /// The call has its connection.
  let isPlaced = Event()
  /// The client has read that there may be no more calls.
  let isLowered = Event()
  /// The call has got to a point that the server can't see.
  let isBegun = Event()
  /// The client has read the last GOAWAY.
  let isLeft = Event()
  private let scenario: MoveScenario
  private let state = Mutex<(connections: Int, executions: [Execution])>((0, []))

  init(_ scenario: MoveScenario) {
    self.scenario = scenario
  }

  var connections: Int { self.state.withLock { $0.connections } }

  /// What was answered, but for the first call.
  var executions: [Execution] { self.state.withLock { $0.executions } }

  /// Listens while `body` runs.
  func run(_ body: (SocketEndpoint) async throws -> Void) async throws {
    try await WirePeer.listen { peer in
      let number = self.state.withLock { state in
        state.connections += 1
        return state.connections
      }
      if number == 1 {
        try await self.serveAndLeave(peer)
      } else {
        try await self.serve(ServedCall(peer, 1, self.scenario.kind), number)
        try await peer.readToClose()
      }
    } _: { endpoint in
      try await body(endpoint)
    }
  }

  private func serve(_ call: ServedCall, _ connection: Int) async throws {
    try await call.readToEnd()
    self.state.withLock { $0.executions.append(Execution(connection: connection, payload: call.payload)) }
    try await call.answer()
  }

  private func serveAndLeave(_ peer: WirePeer) async throws {
    let first = ServedCall(peer, 1, .unary)
    try await first.readToEnd()
    try await first.answer()
    if self.scenario.point == .heldBack {
      self.isReady.happen()
      await self.isPlaced.wait()
    }
    try await peer.sendRaw(Wire.settings(self.settings))
    try await peer.read { $0.frames.count { $0.isSettingsAck } == 2 }
    self.isLowered.happen()
    self.isReady.happen()
    let call = ServedCall(peer, 3, self.scenario.kind)
    do {
      defer { self.isLeft.happen() }
      try await self.reachPoint(call)
      if self.scenario.manner == .inTwoSteps {
        try await peer.sendRaw(Wire.goAway(lastStream: 1 << 31 - 1))
        try await peer.roundTrip()
      }
      try await peer.sendRaw(Wire.goAway(lastStream: self.scenario.isKept ? 3 : 1))
      try await peer.roundTrip()
    }
    if self.scenario.outcome == .answered {
      try await self.serve(call, 1)
      // The end comes with the answer.
      try await peer.endOutput()
    }
    try await peer.readToClose()
  }

  /// What keeps the client from getting beyond the point.
  private var settings: [(id: UInt16, value: UInt32)] {
    switch self.scenario.point {
    case .waiting, .heldBack: [(3, 0)]
    case .headers: [(4, 0)]
    case .withinMessage: [(4, UInt32(ServedCall.messageBytes / 2))]
    case .message: [(4, UInt32(ServedCall.messageBytes))]
    case .unwritten, .end, .responseHeaders, .withinResponse: []
    }
  }

  private func reachPoint(_ call: ServedCall) async throws {
    switch self.scenario.point {
    case .waiting, .unwritten, .heldBack:
      await self.isBegun.wait()
    case .headers:
      try await call.read { $0.hasBegun }
    case .withinMessage:
      try await call.read { $0.payload.count == ServedCall.messageBytes / 2 }
    case .message:
      try await call.read { $0.payload.count == ServedCall.messageBytes }
    case .end:
      try await call.read { $0.hasEnded }
    case .responseHeaders, .withinResponse:
      let isEcho = self.scenario.kind == .bidirectional
      try await call.read { isEcho ? $0.payload.count >= ServedCall.messageBytes : $0.hasEnded }
      if self.scenario.point == .responseHeaders {
        try await call.sendHeaders()
      } else {
        try await call.sendHalf()
      }
    }
  }
}
