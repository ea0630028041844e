package import GRPCCore
import ServiceKit
import SwiftProtobuf
package import TemporisAPI
import TokenDomain

/// Serves the auth-verifier's look-ups.
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
    guard let hash = SecretHash(bytes: request.secretSha256) else {
      throw ServiceError(violating: "secret_sha256", "must be 32 bytes long")
    }
    var response = Temporis_Token_V1_LookupCredentialResponse()
    if let found = try await store.lookUp(hash) {
      maintenance.note(found)
      response.credential = Temporis_Token_V1_Credential(found.credential)
    }
    return response
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
    if let remaining = credential.remainingLifetime {
      remainingLifetime.seconds = remaining.components.seconds
      remainingLifetime.nanos = Int32(remaining.components.attoseconds / 1_000_000_000)
    }
  }
}
