import GRPCCore
import Logging
import Postgres
import ServiceKit
import TemporisAPI
import TestSupport
import TokenDomain
import TokenServer

/// The token service's handlers over a database of their own, connected as the service's role.
struct TokenServiceFixture: Sendable {
  static let password = "correct horse battery"

  /// The schema's owner, for what the service must not do.
  let owner: Database
  let database: Database
  let store: TokenStore
  let upkeep: CredentialUpkeep
  let accounts: AccountHandlers
  let accessTokens: AccessTokenHandlers
  let credentials: CredentialHandlers
  let verifier: LocalVerifier

  /// Runs a test on a fresh database.
  static func run(
    peppers: PepperSet? = nil, throttle: SignInThrottle = SignInThrottle(),
    _ body: (TokenServiceFixture) async throws -> Void
  ) async throws {
    try await loginRole.value
    let url = try await TestCluster.shared().makeDatabase()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let owner = try Database(url: url, logger: logger)
    _ = try await TokenSchema.migrate(owner)
    let serviceURL = url.replacing("postgres://postgres@", with: "postgres://\(TokenSchema.role)@")
    let database = try Database(url: serviceURL, logger: logger)
    let fixture = TokenServiceFixture(
      owner: owner, database: database, peppers: try peppers ?? .test("1"), throttle: throttle, logger: logger)
    do {
      try await body(fixture)
    } catch {
      await fixture.close()
      throw error
    }
    await fixture.close()
  }

  private init(
    owner: Database, database: Database, peppers: PepperSet, throttle: SignInThrottle, logger: Logger
  ) {
    self.owner = owner
    self.database = database
    store = TokenStore(database: database, peppers: peppers)
    upkeep = CredentialUpkeep(store: store)
    let cheap = ScryptParameters(costExponent: 4, blockSize: 1, parallelism: 1)
    accounts = AccountHandlers(
      store: store, hasher: PasswordHasher(parameters: cheap), sessionLifetime: .seconds(3_600), throttle: throttle)
    accessTokens = AccessTokenHandlers(store: store)
    credentials = CredentialHandlers(store: store, upkeep: upkeep)
    verifier = LocalVerifier(source: store)
  }

  /// The same database with other peppers.
  func with(peppers: PepperSet) -> TokenServiceFixture {
    TokenServiceFixture(
      owner: owner, database: database, peppers: peppers, throttle: SignInThrottle(),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func close() async {
    await database.close()
    await owner.close()
  }

  /// Roles belong to the cluster, which all tests of the process share.
  private static let loginRole = Task<Void, any Error> {
    try await TestCluster.shared().sql(
      """
      DO $$ BEGIN
        CREATE ROLE \(TokenSchema.role) LOGIN;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        ALTER ROLE \(TokenSchema.role) LOGIN;
      END $$
      """)
  }
}

extension PepperSet {
  /// Peppers of these versions, the first one current; equal versions give equal keys.
  static func test(_ versions: String...) throws -> PepperSet {
    let entries = versions.map { version in "\(version):\(String(repeating: "0\(version)", count: 32))" }
    guard let set = PepperSet(entries.joined(separator: ",")) else { throw SettingError("no peppers") }
    return set
  }
}

extension ServerContext {
  /// A context for handlers that are called directly.
  static var test: ServerContext {
    ServerContext(
      descriptor: Temporis_Token_V1_AccountService.Method.GetAccount.descriptor, remotePeer: "test", localPeer: "test",
      cancellation: RPCCancellationHandle())
  }
}
