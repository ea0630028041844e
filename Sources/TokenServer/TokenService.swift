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
  /// The auth-verifiers' look-ups.
  package let credentials: CredentialHandler
  /// The auth-verifiers' leases, and what they have to learn.
  package let revocations: RevocationHandler
  /// What look-ups leave to be written later.
  package let maintenance: CredentialMaintenance

  /// Puts the service together.
  ///
  /// - Parameters:
  ///   - database: A database with the schema of ``TokenSchema``; closed by its owner.
  ///   - peppers: The keys of the stored hashes.
  ///   - sessionLifetime: How long a dashboard session works.
  ///   - lease: How long a verifier may answer without being heard: the longest that a change waits for it.
  ///   - hasher: Hashes passwords.
  ///   - throttle: Limits the passwords that are tried.
  ///   - logger: Where the parts say what fails on its own.
  package init(
    database: Database, peppers: PepperSet, sessionLifetime: Duration, lease: Duration = Self.defaultLease,
    hasher: PasswordHasher = PasswordHasher(), throttle: SignInThrottle<ClientAddress?> = SignInThrottle(),
    logger: Logger = Logger(label: Workload.tokenService.rawValue)
  ) {
    store = TokenStore(database: database, peppers: peppers, logger: logger)
    maintenance = CredentialMaintenance(store: store)
    accounts = AccountHandler(store: store, hasher: hasher, sessionLifetime: sessionLifetime, throttle: throttle)
    accessTokens = AccessTokenHandler(store: store)
    credentials = CredentialHandler(store: store, maintenance: maintenance)
    revocations = RevocationHandler(revocations: store.revocations, lease: lease)
  }

  /// How long a verifier's lease holds unless told otherwise.
  package static let defaultLease = Duration.seconds(2)

  /// What the server serves.
  package var handlers: [any RegistrableRPCService] { [accounts, accessTokens, credentials, revocations] }

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
      PeriodicService(interval: .seconds(5), runsAtEnd: true, logger: logger) { [accounts] in
        try await accounts.refusals.flush()
      },
      PeriodicService(interval: .seconds(600), logger: logger) { [store] in
        try await store.sweep()
        try await store.revocations.store.prune()
      },
      PeriodicService(interval: LeaseSweep.interval, logger: logger) { [store] in
        try await store.revocations.sweep.runRound()
      },
      store.revocations.background,
    ]
  }
}

extension TokenService {
  /// Who may call which method. A method that is not listed is refused.
  package static let access: [MethodDescriptor: MethodAccess] = [
    Temporis_Token_V1_AccountService.Method.CreateAccount.descriptor: .open,
    Temporis_Token_V1_AccountService.Method.CreateSession.descriptor: .open,
    Temporis_Token_V1_AccountService.Method.GetAccount.descriptor: .dashboardSession,
    Temporis_Token_V1_AccountService.Method.ListSessions.descriptor: .dashboardSession,
    Temporis_Token_V1_AccountService.Method.DeleteSession.descriptor: .dashboardSession,
    Temporis_Token_V1_AccountService.Method.DeleteSessions.descriptor: .dashboardSession,
    Temporis_Token_V1_AccountService.Method.ChangePassword.descriptor: .dashboardSession,
    Temporis_Token_V1_AccountService.Method.ListAuditRecords.descriptor: .dashboardSession,
    Temporis_Token_V1_AccessTokenService.Method.CreateAccessToken.descriptor: .dashboardSession,
    Temporis_Token_V1_AccessTokenService.Method.GetAccessToken.descriptor: .dashboardSession,
    Temporis_Token_V1_AccessTokenService.Method.ListAccessTokens.descriptor: .dashboardSession,
    Temporis_Token_V1_AccessTokenService.Method.UpdateAccessToken.descriptor: .dashboardSession,
    Temporis_Token_V1_AccessTokenService.Method.RotateAccessToken.descriptor: .dashboardSession,
    Temporis_Token_V1_AccessTokenService.Method.DisableAccessToken.descriptor: .dashboardSession,
    Temporis_Token_V1_AccessTokenService.Method.EnableAccessToken.descriptor: .dashboardSession,
    Temporis_Token_V1_AccessTokenService.Method.DeleteAccessToken.descriptor: .dashboardSession,
    // A look-up proves itself: only who knows a secret knows its hash. All that follow are the verifiers' own: see
    // `callers`.
    Temporis_Token_V1_CredentialService.Method.LookupCredential.descriptor: .open,
    Temporis_Token_V1_CredentialService.Method.LookupCredentials.descriptor: .open,
    Temporis_Token_V1_CredentialService.Method.ReportRefusals.descriptor: .open,
    Temporis_Token_V1_RevocationService.Method.RegisterVerifier.descriptor: .open,
    Temporis_Token_V1_RevocationService.Method.RenewLease.descriptor: .open,
    Temporis_Token_V1_RevocationService.Method.EndLease.descriptor: .open,
    Temporis_Token_V1_RevocationService.Method.WatchRevocations.descriptor: .open,
  ]

  /// The workloads that alone may call a method: only auth-verifiers may look credentials up, and hold leases.
  package static let callers: [MethodDescriptor: Set<Workload>] = {
    let methods =
      Temporis_Token_V1_CredentialService.Method.descriptors + Temporis_Token_V1_RevocationService.Method.descriptors
    return Dictionary(uniqueKeysWithValues: methods.map { ($0, [.authVerifier]) })
  }()
}
