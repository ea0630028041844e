import GRPCCore
import GRPCNghttp2Transport
import TemporisAPI
package import TokenDomain

/// Asks the auth-verifier.
package struct RemoteVerifier: AuthorizationVerifier {
  private let client: ServiceClient
  private let timeout: Duration

  /// Creates a verifier that asks through `client` and waits at most `timeout` for each answer, and no longer than the
  /// call waits that it is asked for.
  package init(client: ServiceClient, timeout: Duration) {
    self.client = client
    self.timeout = timeout
  }

  /// Asks for a verdict.
  /// - Throws: ``ServiceError`` with `rateLimited` when the verifier says that the client has tried too many tokens,
  ///   and with `unavailable` for every fault, so that none can look like a verdict. Asking was retried then, as far as
  ///   it makes sense.
  package func verify(authorization: String, permission: Permission?) async throws -> Verdict {
    var request = Temporis_Verifier_V1_VerifyRequest()
    request.authorization = authorization
    request.requiredPermission = .init(permission)
    do {
      let verifier = Temporis_Verifier_V1_VerifierService.Client(wrapping: client.grpc)
      let response = try await CallDeadline.within(timeout) { try await verifier.verify(request) }
      return try Verdict(response)
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      if let refusal = (error as? RPCError).flatMap({ ServiceError($0) }), refusal.reason == .rateLimited {
        throw ServiceError(.rateLimited, retryAfter: refusal.retryAfter, cause: error)
      }
      throw ServiceError(.unavailable, "Authentication is not available.", isRetried: true, cause: error)
    }
  }
}

extension Verdict {
  fileprivate init(_ response: Temporis_Verifier_V1_VerifyResponse) throws {
    switch response.verdict {
    case .valid: self = .valid(try Principal(response.principal))
    case .missing: self = .missing
    case .invalid: self = .invalid
    case .permissionDenied: self = .permissionDenied(try Principal(response.principal))
    case .unspecified, .UNRECOGNIZED:
      throw ServiceError(.unavailable, "The auth-verifier answers with a verdict that this version does not know.")
    }
  }
}

extension Principal {
  fileprivate init(_ principal: Temporis_Verifier_V1_Principal) throws {
    guard let kind = SecretKind(principal.kind), !principal.accountID.isEmpty else {
      throw ServiceError(.unavailable, "The auth-verifier answers with a principal that this version does not know.")
    }
    self.init(
      accountID: principal.accountID, credentialID: principal.credentialID, kind: kind,
      permissions: Set(principal.permissions.compactMap(Permission.init)))
  }
}
