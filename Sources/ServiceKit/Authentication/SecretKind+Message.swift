package import TemporisAPI
package import TokenDomain

extension SecretKind {
  /// The kind of a message. Nil: unspecified, or one that this version does not know.
  package init?(_ kind: Temporis_Token_V1_CredentialKind) {
    switch kind {
    case .accessToken: self = .accessToken
    case .dashboardSession: self = .dashboardSession
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }
}

extension Temporis_Token_V1_CredentialKind {
  /// The message's form of a kind.
  package init(_ kind: SecretKind) {
    switch kind {
    case .accessToken: self = .accessToken
    case .dashboardSession: self = .dashboardSession
    }
  }
}
