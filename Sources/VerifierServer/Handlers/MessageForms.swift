import TemporisAPI
import TokenDomain

extension Credential.Permission {
  /// The permission of a message. `nil`: unspecified, or one that this version does not know.
  init?(_ message: Temporis_Token_V1_Permission) {
    switch message {
    case .ingest: self = .ingest
    case .predict: self = .predict
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }
}

extension Temporis_Verifier_V1_Principal {
  init(_ credential: Credential) {
    self.init()
    accountID = credential.accountID
    credentialID = credential.credentialID
    switch credential.kind {
    case .accessToken: kind = .accessToken
    case .dashboardSession: kind = .dashboardSession
    }
    permissions = Credential.Permission.allCases.filter(credential.permissions.contains).map { permission in
      switch permission {
      case .ingest: .ingest
      case .predict: .predict
      }
    }
  }
}

extension Temporis_Verifier_V1_VerifyResponse {
  init(_ verdict: CredentialVerdict) {
    self.init()
    switch verdict {
    case .valid(let credential):
      self.verdict = .valid
      principal = Temporis_Verifier_V1_Principal(credential)
    case .missing:
      self.verdict = .missing
    case .invalid:
      self.verdict = .invalid
    case .permissionDenied(let credential):
      self.verdict = .permissionDenied
      principal = Temporis_Verifier_V1_Principal(credential)
    }
  }
}
