import GRPCCore
import ServiceKit
import TemporisAPI
import Testing
import TokenServer

@Suite struct TokenServiceTests {
  @Test("Every method of the three services has a rule, and only three are open")
  func access() {
    let methods =
      Temporis_Token_V1_AccountService.Method.descriptors + Temporis_Token_V1_AccessTokenService.Method.descriptors
      + Temporis_Token_V1_CredentialService.Method.descriptors
    #expect(Set(methods) == Set(TokenService.access.keys))
    #expect(
      Set(TokenService.access.filter { $0.value == .open }.map(\.key.method)) == [
        "CreateAccount", "CreateSession", "LookupCredential",
      ])
    #expect(TokenService.access.values.allSatisfy { $0 == .open || $0 == .dashboardSession })
  }

  @Test("Every method of the credential service is the auth-verifier's alone, and no other method is restricted")
  func callers() {
    let methods = Temporis_Token_V1_CredentialService.Method.descriptors
    #expect(!methods.isEmpty)
    #expect(TokenService.callers.count == methods.count)
    for method in methods { #expect(TokenService.callers[method] == ["auth-verifier"]) }
  }
}
