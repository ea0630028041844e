import TemporisAPI
import Testing
import TokenServer

@Suite struct TokenServiceAccessTests {
  @Test("Every method of the credential service is the auth-verifier's alone, and no other method is restricted")
  func callers() {
    let methods = Temporis_Token_V1_CredentialService.Method.descriptors
    #expect(!methods.isEmpty)
    #expect(TokenServiceAccess.callers.count == methods.count)
    for method in methods { #expect(TokenServiceAccess.callers[method] == ["auth-verifier"]) }
  }
}
