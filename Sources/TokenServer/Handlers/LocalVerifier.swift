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
    let required = permission.map { permission -> Credential.Permission in
      switch permission {
      case .ingest: .ingest
      case .predict: .predict
      }
    }
    return switch try await source.verdict(on: authorization, permission: required) {
    case .valid(let credential): .valid(Principal(credential))
    case .missing: .missing
    case .invalid: .invalid
    case .permissionDenied(let credential): .permissionDenied(Principal(credential))
    }
  }
}

extension Principal {
  fileprivate init(_ credential: Credential) {
    let kind: Kind =
      switch credential.kind {
      case .accessToken: .accessToken
      case .dashboardSession: .dashboardSession
      }
    let permissions = credential.permissions.map { permission -> Permission in
      switch permission {
      case .ingest: .ingest
      case .predict: .predict
      }
    }
    self.init(
      accountID: credential.accountID, credentialID: credential.credentialID, kind: kind, permissions: Set(permissions))
  }
}
