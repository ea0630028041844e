/// Verifies `Authorization` headers.
package protocol AuthorizationVerifier: Sendable {
  /// Verifies the whole value of an `Authorization` header; empty when there was none.
  ///
  /// - Parameter permission: What the request needs; `nil` when it needs nothing beyond a credential that works.
  /// - Throws: For faults alone. An outage is never a verdict.
  func verify(authorization: String, permission: Permission?) async throws -> Verdict
}

/// Looks up credentials where they are kept.
package protocol CredentialSource: Sendable {
  /// The credential of the secret with this hash, read after the question; `nil` when there is none.
  ///
  /// - Throws: For faults of the source, which say nothing about the credential.
  func credential(for hash: SecretHash) async throws -> Credential?
}

/// Looks up credentials for a verifier that keeps what it learns.
package protocol CredentialLookupSource: Sendable {
  /// Takes, in the order of the hashes, what was found or why it can't be told. Such a fault says nothing about the
  /// credential.
  typealias Completion = @Sendable (_ found: [Result<CredentialLookup, any Error>]) -> Void

  /// Finds what is known of the secrets with these hashes, read after the question, and the revocation log's end in the
  /// same snapshot.
  ///
  /// - Parameters:
  ///   - hashes: At most ``CredentialLookup/limit``.
  ///   - requestID: The id of the request that is asked for, if it has one: for the logs of who is asked.
  ///   - completion: Called once, on any thread, also before this returns. It must be quick.
  func lookUp(_ hashes: [SecretHash], for requestID: String?, completion: @escaping Completion)
}

/// Verifies headers against a source of credentials, and keeps nothing.
///
/// The source is asked only about a token of the right shape and check digits.
package struct CredentialVerifier: AuthorizationVerifier {
  private let source: any CredentialSource

  /// Creates a verifier that looks credentials up in `source`.
  package init(source: any CredentialSource) {
    self.source = source
  }

  package func verify(authorization: String, permission: Permission?) async throws -> Verdict {
    switch PresentedSecret(authorization: authorization) {
    case .missing: .missing
    case .malformed: .invalid
    case .wellFormed(let hash, let kind):
      Verdict(found: try await source.credential(for: hash), presentedAs: kind, permission: permission)
    }
  }
}
