package import ServiceKit
package import TokenDomain

/// Verifies the token service's own callers against its own store, by the same rules as the auth-verifier.
package struct LocalVerifier: AuthorizationVerifier {
  private let source: any CredentialSource

  /// Verifies against this source.
  package init(source: any CredentialSource) {
    self.source = source
  }

  package func verify(authorization: String, permission: Permission?) async throws -> Verdict {
    return switch try await source.verdict(on: authorization, permission: permission) {
    case .valid(let credential): .valid(Principal(credential))
    case .missing: .missing
    case .invalid: .invalid
    case .permissionDenied(let credential): .permissionDenied(Principal(credential))
    }
  }
}
