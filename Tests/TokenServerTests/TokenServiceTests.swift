import GRPCCore
import ServiceKit
import TemporisAPI
import Testing
import TokenServer

@Suite struct TokenServiceTests {
  private static let ofVerifiers =
    Temporis_Token_V1_CredentialService.Method.descriptors + Temporis_Token_V1_RevocationService.Method.descriptors

  @Test("Every method has a rule: all need a dashboard session, but for signing up and in, and what verifiers call")
  func access() {
    let methods =
      Temporis_Token_V1_AccountService.Method.descriptors + Temporis_Token_V1_AccessTokenService.Method.descriptors
      + Self.ofVerifiers
    #expect(Set(methods) == Set(TokenService.access.keys))
    let open: [MethodDescriptor] = [
      Temporis_Token_V1_AccountService.Method.CreateAccount.descriptor,
      Temporis_Token_V1_AccountService.Method.CreateSession.descriptor,
    ]
    #expect(Set(TokenService.access.filter { $0.value == .open }.keys) == Set(open + Self.ofVerifiers))
    #expect(TokenService.access.values.allSatisfy { $0 == .open || $0 == .dashboardSession })
  }

  @Test("What verifiers call is theirs alone, and no other method is restricted")
  func callers() {
    #expect(Self.ofVerifiers.count == 7)
    #expect(TokenService.callers.count == Self.ofVerifiers.count)
    for method in Self.ofVerifiers { #expect(TokenService.callers[method] == [.authVerifier]) }
  }
}
