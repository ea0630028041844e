package import GRPCCore
package import Logging
package import Postgres
package import ServiceKit
package import ServiceLifecycle
import TemporisAPI
package import TokenDomain

/// The token service's parts, put together over one database.
package struct TokenService: Sendable {
  /// The data.
  package let store: TokenStore
  /// Accounts and sessions.
  package let accounts: AccountHandler
  /// Access tokens.
  package let accessTokens: AccessTokenHandler
  /// The auth-verifier's look-ups.
  package let credentials: CredentialHandler
  /// What look-ups leave to be written later.
  package let maintenance: CredentialMaintenance

  /// Puts the service together.
  ///
  /// - Parameters:
  ///   - database: A database with the schema of ``TokenSchema``; closed by its owner.
  ///   - peppers: The keys of the stored hashes.
  ///   - sessionLifetime: How long a dashboard session works.
  ///   - hasher: Hashes passwords.
  ///   - throttle: Limits the passwords tried for one e-mail address.
  package init(
    database: Database, peppers: PepperSet, sessionLifetime: Duration, hasher: PasswordHasher = PasswordHasher(),
    throttle: SignInThrottle = SignInThrottle()
  ) {
    store = TokenStore(database: database, peppers: peppers)
    maintenance = CredentialMaintenance(store: store)
    accounts = AccountHandler(store: store, hasher: hasher, sessionLifetime: sessionLifetime, throttle: throttle)
    accessTokens = AccessTokenHandler(store: store)
    credentials = CredentialHandler(store: store, maintenance: maintenance)
  }

  /// What the server serves.
  package var handlers: [any RegistrableRPCService] { [accounts, accessTokens, credentials] }

  /// Authenticates the service's own callers, against its own data.
  package var authentication: AuthenticationInterceptor {
    AuthenticationInterceptor(verifier: CredentialVerifier(source: store), access: Self.access)
  }

  /// What runs beside the server: writes that can wait, and the removal of what has expired.
  package func background(logger: Logger) -> [any Service] {
    [
      PeriodicService(interval: .seconds(5), runsAtEnd: true, logger: logger) { [maintenance] in
        try await maintenance.flush()
      },
      PeriodicService(interval: .seconds(600), logger: logger) { [store] in try await store.sweep() },
    ]
  }
}

extension TokenService {
  /// Who may call which method. A method that is not listed is refused.
  package static let access: [MethodDescriptor: MethodAccess] = [
    Temporis_Token_V1_AccountService.Method.CreateAccount.descriptor: .open,
    Temporis_Token_V1_AccountService.Method.CreateSession.descriptor: .open,
    Temporis_Token_V1_AccountService.Method.GetAccount.descriptor: .dashboardSession,
    Temporis_Token_V1_AccountService.Method.DeleteSession.descriptor: .dashboardSession,
    Temporis_Token_V1_AccessTokenService.Method.CreateAccessToken.descriptor: .dashboardSession,
    Temporis_Token_V1_AccessTokenService.Method.GetAccessToken.descriptor: .dashboardSession,
    Temporis_Token_V1_AccessTokenService.Method.ListAccessTokens.descriptor: .dashboardSession,
    Temporis_Token_V1_AccessTokenService.Method.DeleteAccessToken.descriptor: .dashboardSession,
    // A look-up proves itself: only who knows a secret knows its hash. And see `callers`.
    Temporis_Token_V1_CredentialService.Method.LookupCredential.descriptor: .open,
  ]

  /// The workloads that alone may call a method: only the auth-verifier may look credentials up.
  package static let callers: [MethodDescriptor: Set<String>] = Dictionary(
    uniqueKeysWithValues: Temporis_Token_V1_CredentialService.Method.descriptors.map { ($0, ["auth-verifier"]) })
}
