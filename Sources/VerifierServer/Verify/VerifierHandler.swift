package import GRPCCore
import ServiceKit
package import TemporisAPI
package import TokenDomain

/// Serves `VerifierService`: a verdict is always an answer, a fault is always an error.
package struct VerifierHandler: Temporis_Verifier_V1_VerifierService.SimpleServiceProtocol {
  private let verifier: any AuthorizationVerifier

  /// Creates a handler that answers with the verdicts of `verifier`.
  package init(verifier: any AuthorizationVerifier) {
    self.verifier = verifier
  }

  /// Verifies a header, for the client that the caller tells. Without one no attempts are counted: a caller asks for
  /// all its clients, and one of them must not keep the others out.
  ///
  /// - Throws: ``ServiceError`` `unavailable` when the credential cannot be looked up; `rateLimited` when the client
  ///   has tried too many tokens; `invalidArgument` when the required permission is none that this version knows:
  ///   letting it pass unchecked would be worse.
  package func verify(
    request: Temporis_Verifier_V1_VerifyRequest, context: ServerContext
  ) async throws -> Temporis_Verifier_V1_VerifyResponse {
    let permission = Permission(request.requiredPermission)
    guard permission != nil || request.requiredPermission == .unspecified else {
      throw ServiceError(.invalidArgument, "required_permission is unknown.")
    }
    return Temporis_Verifier_V1_VerifyResponse(
      try await verifier.verdict(on: request.authorization, permission: permission, client: .current))
  }
}

extension AuthorizationVerifier {
  /// The verdict on the header of a client's request.
  ///
  /// - Throws: ``ServiceError``, whatever the verifier throws.
  func verdict(
    on authorization: String, permission: Permission?, client: ClientAddress?
  ) async throws(ServiceError) -> Verdict {
    do {
      return try await ClientAddress.$current.withValue(client) {
        try await verify(authorization: authorization, permission: permission)
      }
    } catch {
      throw ServiceError(ofLookUp: error)
    }
  }
}

extension Temporis_Verifier_V1_Principal {
  fileprivate init(_ principal: Principal) {
    self.init()
    accountID = principal.accountID
    credentialID = principal.credentialID
    kind = .init(principal.kind)
    permissions = principal.permissions.messages
  }
}

extension Temporis_Verifier_V1_VerifyResponse {
  fileprivate init(_ verdict: Verdict) {
    self.init()
    switch verdict {
    case .valid(let principal):
      self.verdict = .valid
      self.principal = Temporis_Verifier_V1_Principal(principal)
    case .missing:
      self.verdict = .missing
    case .invalid:
      self.verdict = .invalid
    case .permissionDenied(let principal):
      self.verdict = .permissionDenied
      self.principal = Temporis_Verifier_V1_Principal(principal)
    }
  }
}
