import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import TestSupport
import Testing

/// A server leaves, as servers that are restarted or whose connections grow too old do, at every point of a call.
@Suite(.timeLimit(.minutes(1))) struct MoveTests {
  struct Answer: Sendable {
    var messages: [[UInt8]] = []
    var status: Status?
    /// What the call failed with.
    var error: RPCError?
    /// The messages of the request, in order.
    var written: [[UInt8]] = []
  }

  /// The most that a writer writes before it waits, far less than what is kept of a request.
  private static let maxMessages = 1000
  /// What a writer that never paused writes after the server has left.
  private static let lastMessages = 20

  @Test(
    "A call is answered once and with every byte, at whatever point its server leaves",
    arguments: MoveScenario.all, [false, true])
  func serverLeaves(_ scenario: MoveScenario, hasRetryPolicy: Bool) async throws {
    let server = LeavingServer(scenario)
    try await server.run { endpoint in
      let transport = try Nghttp2ClientTransport(
        endpoints: [endpoint], configuration: hasRetryPolicy ? RetryPolicyTests.retrying() : .defaults)
      try await withGRPCClient(transport: transport) { client in
        try await client.expect("Any", Self.message(0), answer: Self.message(0))
        await server.isReady.wait()
        async let isWaiting: Void = scenario.point != .waiting ? () : Self.wait(for: transport, server)
        let answer = try await Self.call(transport, scenario, server)
        try await isWaiting
        let payload: [UInt8] = answer.written.flatMap { message in [0, 0, 0, 0, UInt8(message.count)] + message }
        switch scenario.outcome {
        case .answered, .moved:
          #expect(answer.error == nil)
          #expect(answer.status?.code == .ok)
          #expect(answer.messages == (scenario.kind == .clientStreaming ? [[7]] : answer.written))
          let connection = scenario.outcome == .moved ? 2 : 1
          #expect(server.executions == [LeavingServer.Execution(connection: connection, payload: payload)])
          #expect(server.connections == connection)
        case .failed:
          #expect(answer.error?.code == .unavailable)
          #expect(server.executions == [])
          #expect(server.connections == 1)
        }
      }
    }
  }

  static func message(_ index: Int) -> [UInt8] {
    [UInt8(index >> 8), UInt8(index & 0xff)]
      + (2..<ServedCall.messageBytes - 5).map { UInt8(truncatingIfNeeded: index &* $0) }
  }

  /// Makes the call with one task that writes and one that reads.
  private static func call(
    _ transport: Nghttp2ClientTransport, _ scenario: MoveScenario, _ server: LeavingServer
  ) async throws -> Answer {
    try await transport.withStream(descriptor: TestService.method("Any"), options: .defaults) { stream, _ in
      async let written = Self.write(to: stream.outbound, scenario, server)
      var answer = Answer()
      do {
        for try await part in stream.inbound {
          switch part {
          case .metadata: break
          case .message(let message): answer.messages.append(message)
          case .status(let status, _): answer.status = status
          }
        }
      } catch {
        answer.error = error as? RPCError
      }
      answer.written = await written
      return answer
    }
  }

  /// Says that the call has begun once it waits for a connection.
  private static func wait(for transport: Nghttp2ClientTransport, _ server: LeavingServer) async throws {
    defer { server.isBegun.happen() }
    try await eventually(until: { transport.waitingCalls == 1 })
  }

  /// Writes a request as the scenario has it, and returns its messages.
  private static func write(
    to outbound: Nghttp2ClientTransport.Outbound, _ scenario: MoveScenario, _ server: LeavingServer
  ) async -> [[UInt8]] {
    var written: [[UInt8]] = []
    func write(_ count: Int) async throws {
      for _ in 0..<count {
        let message = Self.message(written.count)
        written.append(message)
        try await outbound.write(.message(message))
      }
    }
    do {
      server.isPlaced.happen()
      switch scenario.point {
      case .unwritten:
        server.isBegun.happen()
        await server.isLeft.wait()
      case .heldBack:
        await server.isLowered.wait()
      default:
        break
      }
      try await outbound.write(.metadata([:]))
      if scenario.point == .headers, scenario.writerPauses { await server.isLeft.wait() }
      try await write(1)
      server.isBegun.happen()
      if scenario.writerPauses { await server.isLeft.wait() }
      if scenario.writesBeforePoint {
        try await write(scenario.kind == .unary ? 0 : Self.lastMessages)
      } else if scenario.kind != .unary {
        while !scenario.writerPauses, !server.isLeft.hasHappened, written.count < Self.maxMessages {
          try await write(1)
          await Task.yield()
        }
        await server.isLeft.wait()
        try await write(Self.lastMessages)
      }
    } catch {
      // The reader finds out why.
    }
    await outbound.finish()
    return written
  }
}
