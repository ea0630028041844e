import GRPCCore
import Logging
import Postgres
import ServiceDatabase
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
  let service: TokenService
  let verifier: CredentialVerifier

  /// Runs a test on a fresh database.
  static func run(
    peppers: PepperSet? = nil, throttle: SignInThrottle<ClientAddress?> = SignInThrottle(),
    threads: HashingThreads? = nil,
    _ body: (TokenServiceFixture) async throws -> Void
  ) async throws {
    try await loginRole.value
    let url = try await TestCluster.shared().makeDatabase()
    let owner = try Database(url: url, logger: .silent)
    _ = try await TokenSchema.migrate(owner)
    let serviceURL = url.replacing("postgres://postgres@", with: "postgres://\(TokenSchema.role)@")
    let database = try Database(url: serviceURL, logger: .silent)
    let fixture = TokenServiceFixture(
      owner: owner, database: database, peppers: try peppers ?? .test("1"), throttle: throttle, threads: threads)
    do {
      try await body(fixture)
    } catch {
      await fixture.close()
      throw error
    }
    await fixture.close()
  }

  private init(
    owner: Database, database: Database, peppers: PepperSet,
    throttle: SignInThrottle<ClientAddress?> = SignInThrottle(),
    threads: HashingThreads? = nil
  ) {
    self.owner = owner
    self.database = database
    service = TokenService(
      database: database, peppers: peppers, sessionLifetime: .seconds(3_600),
      hasher: PasswordHasher(
        parameters: ScryptParameters(costExponent: 4, blockSize: 1, parallelism: 1), threads: threads),
      throttle: throttle, logger: .silent)
    verifier = CredentialVerifier(source: service.store)
  }

  var store: TokenStore { service.store }
  var maintenance: CredentialMaintenance { service.maintenance }
  var accounts: AccountHandler { service.accounts }
  var accessTokens: AccessTokenHandler { service.accessTokens }
  var credentials: CredentialHandler { service.credentials }

  /// The same database with other peppers.
  func with(peppers: PepperSet) -> TokenServiceFixture {
    TokenServiceFixture(owner: owner, database: database, peppers: peppers)
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
