import ServiceKit
import TemporisAPI
import TokenDomain

extension Temporis_Verifier_V1_Principal {
  init(_ credential: Credential) {
    self.init()
    accountID = credential.accountID
    credentialID = credential.credentialID
    kind = .init(credential.kind)
    permissions = credential.permissions.messages
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
