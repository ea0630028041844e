package import GRPCCore
import Logging
import ServiceKit
import SwiftProtobuf
package import TemporisAPI
import TokenDomain

/// Serves the auth-verifiers' leases, and the log of what no longer holds.
package struct RevocationHandler: Temporis_Token_V1_RevocationService.SimpleServiceProtocol {
  let revocations: Revocations
  /// How long a lease holds.
  let lease: Duration

  package func registerVerifier(
    request: Temporis_Token_V1_RegisterVerifierRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_RegisterVerifierResponse {
    let session = try VerifierSessionID(request.sessionID)
    var response = Temporis_Token_V1_RegisterVerifierResponse()
    response.position = Temporis_Token_V1_LogPosition(try await register(session))
    response.lease = Google_Protobuf_Duration(rounding: lease, rule: .down)
    return response
  }

  private func register(_ session: VerifierSessionID) async throws -> LogPosition {
    do {
      return try await revocations.store.register(session, lease: lease)
    } catch let error as ServiceError where error.reason == .rateLimited {
      // The verifier that is refused need not be the one that registers without end.
      revocations.faults.note("Refused to register an auth-verifier", kind: "registration", error)
      throw error
    }
  }

  package func renewLease(
    request: Temporis_Token_V1_RenewLeaseRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_RenewLeaseResponse {
    let session = try VerifierSessionID(request.sessionID)
    var response = Temporis_Token_V1_RenewLeaseResponse()
    switch try await revocations.store.renew(session, lease: lease) {
    case .extended(let lease):
      response.outcome = .extended
      response.lease = Google_Protobuf_Duration(rounding: lease, rule: .down)
    case .behind: response.outcome = .behind
    case .ended: response.outcome = .ended
    }
    return response
  }

  package func endLease(
    request: Temporis_Token_V1_EndLeaseRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_EndLeaseResponse {
    try await revocations.store.endLease(try VerifierSessionID(request.sessionID))
    return Temporis_Token_V1_EndLeaseResponse()
  }

  package func watchRevocations(
    request: RPCAsyncSequence<Temporis_Token_V1_WatchRevocationsRequest, any Error>,
    response: RPCWriter<Temporis_Token_V1_WatchRevocationsResponse>, context: ServerContext
  ) async throws {
    try await RevocationStream(revocations: revocations, lease: lease).run(request, response)
  }
}

extension VerifierSessionID {
  /// Reads a request's field.
  ///
  /// - Throws: ``ServiceError`` `invalidArgument`.
  init(_ bytes: some Collection<UInt8>) throws(ServiceError) {
    guard let id = VerifierSessionID(bytes: bytes) else {
      throw ServiceError(violating: "session_id", "must be \(Self.byteCount) bytes long")
    }
    self = id
  }
}

extension Temporis_Token_V1_LogPosition {
  /// The message of a place.
  init(_ position: LogPosition) {
    self.init()
    revision = position.revision
    tag = position.tag
  }
}
