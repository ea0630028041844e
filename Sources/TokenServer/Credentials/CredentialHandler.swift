package import GRPCCore
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
    let (found, position) = try await lookUp([request.secretSha256])
    var response = Temporis_Token_V1_LookupCredentialResponse()
    response.position = Temporis_Token_V1_LogPosition(position)
    if let found = found[0] { response.credential = Temporis_Token_V1_Credential(found) }
    return response
  }

  package func lookupCredentials(
    request: Temporis_Token_V1_LookupCredentialsRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_LookupCredentialsResponse {
    let (found, position) = try await lookUp(request.secretSha256)
    var response = Temporis_Token_V1_LookupCredentialsResponse()
    response.position = Temporis_Token_V1_LogPosition(position)
    response.results = found.map { found in
      var result = Temporis_Token_V1_CredentialResult()
      if let found { result.credential = Temporis_Token_V1_Credential(found) }
      return result
    }
    return response
  }

  /// Looks credentials up, and notes that they are used.
  private func lookUp(_ hashes: [Data]) async throws -> (found: [Credential?], position: LogPosition) {
    let (found, position) = try await store.lookUp(
      hashes.map { bytes in
        guard let hash = SecretHash(bytes: bytes) else {
          throw ServiceError(violating: "secret_sha256", "must be 32 bytes long")
        }
        return hash
      })
    for case let found? in found { maintenance.note(found) }
    return (found.map { $0?.credential }, position)
  }

  package func reportRefusals(
    request: Temporis_Token_V1_ReportRefusalsRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_ReportRefusalsResponse {
    try await store.record(try Refusals(request))
    return Temporis_Token_V1_ReportRefusalsResponse()
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
