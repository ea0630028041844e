import Foundation
import GRPCCore
import GRPCNghttp2Transport
import ServiceKit
import SwiftProtobuf
import Synchronization
import TemporisAPI
import TestSupport
import Testing
import TokenDomain
import VerifierServer

@Suite(.timeLimit(.minutes(5))) struct LeaseKeeperTests {
  @Test("Sessions that were given up are ended, once there is another one, and the last one at the end")
  func abandonedSessions() async throws {
    // The token service has registered the first, but its answer is lost; the stream of the second is reset.
    let service = FakeRevocations(lostAnswers: 1, resets: 1)
    let keeper = LeaseKeeper(client: service, credentials: VerifiedCredentials(capacity: 1_000), logger: .silent)
    let run = Task { try await keeper.run() }
    try await eventually { service.registered.count == 3 && service.ended.count == 2 }
    #expect(Set(service.ended) == Set(service.registered.prefix(2)))
    run.cancel()
    try await run.value
    #expect(service.ended.count == 3 && Set(service.ended) == Set(service.registered))
  }
}

/// A token service that grants every lease.
private final class FakeRevocations: Temporis_Token_V1_RevocationService.ClientProtocol {
  private struct State {
    var lostAnswers: Int
    var resets: Int
    var registered: [Data] = []
    var ended: [Data] = []
  }

  private let state: Mutex<State>

  /// - Parameters:
  ///   - lostAnswers: How many registrations fail although they count.
  ///   - resets: How many streams say that their session is over.
  init(lostAnswers: Int, resets: Int) {
    state = Mutex(State(lostAnswers: lostAnswers, resets: resets))
  }

  var registered: [Data] { state.withLock { $0.registered } }
  var ended: [Data] { state.withLock { $0.ended } }

  func registerVerifier<Result: Sendable>(
    request: ClientRequest<Temporis_Token_V1_RegisterVerifierRequest>,
    serializer: some MessageSerializer<Temporis_Token_V1_RegisterVerifierRequest>,
    deserializer: some MessageDeserializer<Temporis_Token_V1_RegisterVerifierResponse>,
    options: CallOptions,
    onResponse: @Sendable @escaping (ClientResponse<Temporis_Token_V1_RegisterVerifierResponse>) async throws -> Result
  ) async throws -> Result {
    let isLost = state.withLock { state in
      state.registered.append(request.message.sessionID)
      state.lostAnswers -= 1
      return state.lostAnswers >= 0
    }
    if isLost { return try await onResponse(ClientResponse(error: RPCError(code: .unavailable, message: "Lost."))) }
    return try await onResponse(
      ClientResponse(
        message: .with {
          $0.position.revision = 1
          $0.position.tag = 1
          $0.lease.seconds = 60
        }))
  }

  func renewLease<Result: Sendable>(
    request: ClientRequest<Temporis_Token_V1_RenewLeaseRequest>,
    serializer: some MessageSerializer<Temporis_Token_V1_RenewLeaseRequest>,
    deserializer: some MessageDeserializer<Temporis_Token_V1_RenewLeaseResponse>,
    options: CallOptions,
    onResponse: @Sendable @escaping (ClientResponse<Temporis_Token_V1_RenewLeaseResponse>) async throws -> Result
  ) async throws -> Result {
    try await onResponse(
      ClientResponse(
        message: .with {
          $0.outcome = .extended
          $0.lease.seconds = 60
        }))
  }

  func endLease<Result: Sendable>(
    request: ClientRequest<Temporis_Token_V1_EndLeaseRequest>,
    serializer: some MessageSerializer<Temporis_Token_V1_EndLeaseRequest>,
    deserializer: some MessageDeserializer<Temporis_Token_V1_EndLeaseResponse>,
    options: CallOptions,
    onResponse: @Sendable @escaping (ClientResponse<Temporis_Token_V1_EndLeaseResponse>) async throws -> Result
  ) async throws -> Result {
    state.withLock { $0.ended.append(request.message.sessionID) }
    return try await onResponse(ClientResponse(message: Temporis_Token_V1_EndLeaseResponse()))
  }

  func watchRevocations<Result: Sendable>(
    request: StreamingClientRequest<Temporis_Token_V1_WatchRevocationsRequest>,
    serializer: some MessageSerializer<Temporis_Token_V1_WatchRevocationsRequest>,
    deserializer: some MessageDeserializer<Temporis_Token_V1_WatchRevocationsResponse>,
    options: CallOptions,
    onResponse:
      @Sendable @escaping (StreamingClientResponse<Temporis_Token_V1_WatchRevocationsResponse>) async throws -> Result
  ) async throws -> Result {
    let isReset = state.withLock { state in
      state.resets -= 1
      return state.resets >= 0
    }
    let (messages, message) = AsyncThrowingStream.makeStream(
      of: StreamingClientResponse<Temporis_Token_V1_WatchRevocationsResponse>.Contents.BodyPart.self)
    if isReset {
      message.yield(.message(.with { $0.reset = true }))
      message.finish()
    }
    return try await onResponse(
      StreamingClientResponse(
        of: Temporis_Token_V1_WatchRevocationsResponse.self, metadata: [:],
        bodyParts: RPCAsyncSequence(wrapping: messages)))
  }
}
