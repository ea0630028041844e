package import GRPCCore
package import ServiceKit
import TemporisAPI

/// Who may call what of the token service. A method that is not listed is refused.
package enum TokenServiceAccess {
  /// The rule of each method.
  package static let methods: [MethodDescriptor: MethodAccess] = [
    Temporis_Token_V1_AccountService.Method.CreateAccount.descriptor: .open,
    Temporis_Token_V1_AccountService.Method.CreateSession.descriptor: .open,
    Temporis_Token_V1_AccountService.Method.GetAccount.descriptor: .dashboardSession,
    Temporis_Token_V1_AccountService.Method.DeleteSession.descriptor: .dashboardSession,
    Temporis_Token_V1_AccessTokenService.Method.CreateAccessToken.descriptor: .dashboardSession,
    Temporis_Token_V1_AccessTokenService.Method.ListAccessTokens.descriptor: .dashboardSession,
    Temporis_Token_V1_AccessTokenService.Method.DeleteAccessToken.descriptor: .dashboardSession,
    // It proves itself: only who knows a secret knows its hash.
    Temporis_Token_V1_CredentialService.Method.LookupCredential.descriptor: .open,
  ]
}
