/// Where credentials are looked up.
package protocol CredentialSource: Sendable {
  /// The credential of the secret with this hash; `nil` when there is none that works.
  ///
  /// An error is a fault of the source and says nothing about the credential.
  func credential(for hash: SecretHash) async throws -> Credential?
}

extension CredentialSource {
  /// Judges an `Authorization` header, asking this source only about a token of the right shape and check digits.
  ///
  /// - Parameters:
  ///   - authorization: the header's whole value; empty: there was none.
  ///   - permission: what the request needs; `nil`: nothing beyond a credential that works.
  /// - Throws: what the look-up threw. A fault is never a verdict.
  package func verdict(
    on authorization: String, permission: Permission?
  ) async throws -> CredentialVerdict {
    guard case .bearer(let token) = AuthorizationHeader(authorization) else { return .missing }
    guard let secret = Secret(token) else { return .invalid }
    let found = try await credential(for: SecretHash(secret))
    return CredentialVerdict(found: found, presentedAs: secret.kind, permission: permission)
  }
}
