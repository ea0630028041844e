package import GRPCCore
import ServiceKit
package import TemporisAPI
package import TokenDomain

/// Serves `VerifierService`: a verdict is always an answer, a fault is always an error.
package struct VerifierHandlers: Temporis_Verifier_V1_VerifierService.SimpleServiceProtocol {
  private let source: any CredentialSource

  /// Looks credentials up in `source`.
  package init(source: any CredentialSource) {
    self.source = source
  }

  /// Verifies a header.
  ///
  /// - Throws: ``ServiceError`` `unavailable` when the credential cannot be looked up; `invalidArgument` when the
  ///   required permission is none that this version knows: letting it pass unchecked would be worse.
  package func verify(
    request: Temporis_Verifier_V1_VerifyRequest, context: ServerContext
  ) async throws -> Temporis_Verifier_V1_VerifyResponse {
    let permission = Permission(request.requiredPermission)
    guard permission != nil || request.requiredPermission == .unspecified else {
      throw ServiceError(.invalidArgument, "required_permission is unknown.")
    }
    do {
      return Temporis_Verifier_V1_VerifyResponse(
        try await source.verdict(on: request.authorization, permission: permission))
    } catch let error as ServiceError {
      throw error
    } catch {
      throw ServiceError(.unavailable, "The credential could not be looked up.", cause: error)
    }
  }
}
