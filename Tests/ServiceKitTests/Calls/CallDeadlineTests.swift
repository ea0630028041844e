import GRPCCore
import GRPCNghttp2Transport
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing

/// What a call has left is all that the calls get which are made for it.
@Suite(.timeLimit(.minutes(1))) struct CallDeadlineTests {
  @Test("A call made for another gets what is left of that one's deadline, less its reserve", arguments: [false, true])
  func chain(streams: Bool) async throws {
    let inner = VerifierFake()
    let (innerEndpoint, innerServer) = try await serve(inner)
    defer { innerServer.cancel() }
    let (innerClient, innerConnections) = try connect(to: innerEndpoint)
    defer { innerConnections.cancel() }
    let (endpoint, server) = try await serve(
      VerifierFake(streams: streams) { try await innerClient.verify(timeout: .seconds(3_000)) })
    defer { server.cancel() }
    let (client, connections) = try connect(to: endpoint)
    defer { connections.cancel() }
    try await client.verify(timeout: .seconds(400))
    let timeout = try #require(inner.timeouts.first ?? nil)
    #expect(timeout > .zero && timeout <= .seconds(400) - .milliseconds(250))
  }

  @Test("A failure for which there is no time to try again says so, and keeps its reason", arguments: [false, true])
  func lateFailure(isLate: Bool) throws {
    let now = ContinuousClock.now
    let reserve = AnswerReserve(until: now + .seconds(2), at: now)
    let silence = ServiceError(.unavailable, "The token-service does not answer in time.")
    let time = now + (isLate ? .milliseconds(1_700) : .seconds(1))
    let answer = try #require(ServiceError(reserve.answer(RPCError(silence), at: time)))
    #expect(answer.reason == silence.reason && answer.message == silence.message)
    #expect(answer.isRetried == isLate)
    let refusal = try #require(ServiceError(reserve.answer(RPCError(ServiceError(.invalidArgument)), at: time)))
    #expect(!refusal.isRetried)
  }

  @Test(
    "A tenth of a call's time is kept for its answer, and a quarter of a second at most",
    arguments: [(1_000, 900), (100, 90), (10, 9), (2_500, 2_250), (60_000, 59_750), (0, 0), (-5, -5)])
  func reserve(milliseconds: Int, rest: Int) throws {
    let now = ContinuousClock.now
    let reserve = AnswerReserve(until: now + .milliseconds(milliseconds), at: now)
    #expect(reserve.end == now + .milliseconds(rest))
    let last = now + .milliseconds(2 * rest - milliseconds)
    let failure = RPCError(ServiceError(.unavailable))
    #expect(try #require(ServiceError(reserve.answer(failure, at: last))).isRetried)
    #expect(try #require(ServiceError(reserve.answer(failure, at: last - .nanoseconds(1)))).isRetried == false)
  }

  @Test("The call's own limit counts when it is the shorter one, or the only one") func ownLimit() async throws {
    func rest() async throws -> Duration {
      try await CallDeadline.within(.seconds(2)) {
        ContinuousClock.now.duration(to: try #require(CallDeadline.current))
      }
    }
    let alone = try await rest()
    let beside = try await CallDeadline.$current.withValue(.now + .seconds(60)) { try await rest() }
    #expect([alone, beside].allSatisfy { $0 > .zero && $0 <= .seconds(2) })
  }

  @Test("Once the caller has stopped waiting, no call is made") func tooLate() async throws {
    let error = await #expect(throws: RPCError.self) {
      try await CallDeadline.$current.withValue(.now - .seconds(1)) {
        try await CallDeadline.within(.seconds(2)) { Issue.record("A call was made.") }
      }
    }
    #expect(error?.code == .deadlineExceeded)
  }

  @Test("A method that may be retried ends with its time, too, when a server takes the connection and is silent")
  func silentServer() async throws {
    let socket = try LoopbackSocket()
    try socket.listen()
    let (client, connections) = try connect(to: SocketEndpoint(parsing: socket.address))
    defer { connections.cancel() }
    let verifier = Temporis_Verifier_V1_VerifierService.Client(wrapping: client.grpc)
    let error = await #expect(throws: RPCError.self) {
      try await CallDeadline.within(.milliseconds(100)) { _ = try await verifier.verify(.init()) }
    }
    #expect(error?.code == .deadlineExceeded)
  }
}
