/// Verifies `Authorization` headers.
package protocol AuthorizationVerifier: Sendable {
  /// Verifies the whole value of an `Authorization` header; empty when there was none.
  ///
  /// - Parameter permission: What the request needs; `nil` when it needs nothing beyond a credential that works.
  /// - Throws: For faults alone. An outage is never a verdict.
  func verify(authorization: String, permission: Permission?) async throws -> Verdict
}

/// Looks up credentials.
package protocol CredentialSource: Sendable {
  /// The credential of the secret with this hash; `nil` when none works.
  ///
  /// - Throws: For faults of the source, which say nothing about the credential.
  func credential(for hash: SecretHash) async throws -> Credential?
}

/// Verifies headers against a source of credentials.
///
/// The source is asked only about a token of the right shape and check digits.
package struct CredentialVerifier: AuthorizationVerifier {
  private let source: any CredentialSource

  /// Creates a verifier that looks credentials up in `source`.
  package init(source: any CredentialSource) {
    self.source = source
  }

  package func verify(authorization: String, permission: Permission?) async throws -> Verdict {
    guard case .bearer(let token) = AuthorizationHeader(authorization) else { return .missing }
    guard let secret = Secret(token) else { return .invalid }
    let found = try await source.credential(for: SecretHash(secret))
    return Verdict(found: found, presentedAs: secret.kind, permission: permission)
  }
}
