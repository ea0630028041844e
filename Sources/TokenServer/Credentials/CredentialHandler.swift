package import GRPCCore
package import GRPCNghttp2Transport
import ServiceKit
import SwiftProtobuf
package import TemporisAPI
import TokenDomain

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Serves the auth-verifiers' look-ups, and takes what they refuse.
package struct CredentialHandler: Temporis_Token_V1_CredentialService.SimpleServiceProtocol {
  private let store: TokenStore
  private let maintenance: CredentialMaintenance

  /// Creates the handler.
  package init(store: TokenStore, maintenance: CredentialMaintenance) {
    self.store = store
    self.maintenance = maintenance
  }

  package func lookupCredential(
    request: Temporis_Token_V1_LookupCredentialRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_LookupCredentialResponse {
    let answer = try await store.lookUp([try SecretHash(received: request.secretSha256)])
    maintenance.note(answer)
    var response = Temporis_Token_V1_LookupCredentialResponse()
    response.position = Temporis_Token_V1_LogPosition(answer.position)
    if let found = answer.found[0] { response.credential = Temporis_Token_V1_Credential(found.credential) }
    return response
  }

  package func lookupCredentials(
    request: Temporis_Token_V1_LookupCredentialsRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_LookupCredentialsResponse {
    let answer = try await store.lookUp(request.secretSha256.map { try SecretHash(received: $0) })
    maintenance.note(answer)
    return Temporis_Token_V1_LookupCredentialsResponse(answer)
  }

  /// Answers `LookupCredentials` without the handler, with the same bytes: the statement goes out from the connection's
  /// event loop, and the database's thread makes the answer of its rows. What breaks a rule is the handler's, and so is
  /// everything until the stored peppers are known.
  package var fastPath: FastPath {
    let (store, maintenance) = (store, maintenance)
    return FastPath(method: Temporis_Token_V1_CredentialService.Method.LookupCredentials.descriptor) {
      message, context in
      let now = ContinuousClock.now
      let reserve = context.deadline.map { AnswerReserve(until: $0, at: now) }
      // A statement that was sent goes on when the call is given up.
      let promise = FastPathPromise()
      let isOnItsWay = try? store.lookUp(
        Self.hashes(of: message), patience: reserve.map { now.duration(to: $0.end) }
      ) { result in
        do {
          let answer = try result.get()
          maintenance.note(answer)
          promise.complete(
            with: .reply(try Temporis_Token_V1_LookupCredentialsResponse(answer).serializedBytes()))
        } catch {
          let error = RPCError(answering: error)
          promise.complete(with: .error(reserve?.answer(error) ?? error))
        }
      }
      return isOnItsWay == true ? .later(promise) : .fallThrough
    }
  }

  private static func hashes(of message: RawSpan) throws -> [SecretHash] {
    let request = try Temporis_Token_V1_LookupCredentialsRequest(serializedBytes: message.withUnsafeBytes(Array.init))
    return try request.secretSha256.map { try SecretHash(received: $0) }
  }

  package func reportRefusals(
    request: Temporis_Token_V1_ReportRefusalsRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_ReportRefusalsResponse {
    try await store.record(try Refusals(request))
    return Temporis_Token_V1_ReportRefusalsResponse()
  }
}

extension SecretHash {
  /// Takes a hash that a caller sent.
  ///
  /// - Throws: ``ServiceError`` `invalidArgument`.
  fileprivate init(received bytes: Data) throws(ServiceError) {
    guard let hash = SecretHash(bytes: bytes) else {
      throw ServiceError(violating: "secret_sha256", "must be 32 bytes long")
    }
    self = hash
  }
}

extension Temporis_Token_V1_LookupCredentialsResponse {
  fileprivate init(_ answer: CredentialAnswer) {
    self.init()
    position = Temporis_Token_V1_LogPosition(answer.position)
    results = answer.found.map { found in
      var result = Temporis_Token_V1_CredentialResult()
      if let found { result.credential = Temporis_Token_V1_Credential(found.credential) }
      return result
    }
  }
}

extension Temporis_Token_V1_Credential {
  fileprivate init(_ credential: Credential) {
    self.init()
    let principal = credential.principal
    kind = .init(principal.kind)
    accountID = principal.accountID
    credentialID = principal.credentialID
    permissions = principal.permissions.messages
    state =
      switch credential.state {
      case .active: .active
      case .stopped: .stopped
      }
    if let remaining = credential.remainingLifetime {
      remainingLifetime.seconds = remaining.components.seconds
      remainingLifetime.nanos = Int32(remaining.components.attoseconds / 1_000_000_000)
    }
  }
}
