package import GRPCCore
import ServiceKit
package import TemporisAPI
import TokenDomain

/// Answers the auth-verifier's look-ups.
package struct CredentialHandlers: Temporis_Token_V1_CredentialService.SimpleServiceProtocol {
  private let store: TokenStore
  private let upkeep: CredentialUpkeep

  /// Creates the handlers.
  package init(store: TokenStore, upkeep: CredentialUpkeep) {
    self.store = store
    self.upkeep = upkeep
  }

  package func lookupCredential(
    request: Temporis_Token_V1_LookupCredentialRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_LookupCredentialResponse {
    guard let hash = SecretHash(bytes: request.secretSha256) else {
      throw ServiceError(.invalidArgument, "secret_sha256 must be 32 bytes long.")
    }
    var response = Temporis_Token_V1_LookupCredentialResponse()
    if let found = try await store.lookUp(hash) {
      upkeep.note(found)
      response.credential = Temporis_Token_V1_Credential(found.credential)
    }
    return response
  }
}
