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
    // It proves itself: only who knows a secret knows its hash. And see `callers`.
    Temporis_Token_V1_CredentialService.Method.LookupCredential.descriptor: .open,
  ]

  /// The workloads that alone may call a method: credentials are the auth-verifier's to look up, and nobody else's.
  package static let callers: [MethodDescriptor: Set<String>] = Dictionary(
    uniqueKeysWithValues: Temporis_Token_V1_CredentialService.Method.descriptors.map { ($0, ["auth-verifier"]) })
}
