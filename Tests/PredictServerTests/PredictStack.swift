import Forecasting
import Logging
import Postgres
import PredictServer
import ServiceDatabase
import ServiceKit
import TestSupport

/// The service over a real database, as the role that it runs as in production. Tests are kept apart by their accounts.
struct PredictStack: Sendable {
  /// Connected as the service's role.
  let database: Database
  /// Connected as a superuser.
  let administrator: Database
  let service: PredictService

  /// The connections of charges.
  let charges: Database

  private static let shared = Task { try await PredictStack(cluster: .shared()) }
  private static let logger = Logger.silent

  /// The stack of this process, or the same database under another service.
  static func make(
    engine: (any PredictionEngine)? = nil, configure: (inout PredictConfiguration) -> Void = { _ in }
  ) async throws -> PredictStack {
    let shared = try await shared.value
    var configuration = PredictConfiguration()
    configure(&configuration)
    return PredictStack(
      database: shared.database, charges: shared.charges, administrator: shared.administrator,
      configuration: configuration, engine: engine ?? ForecastingEngine())
  }

  init(
    database: Database, charges: Database, administrator: Database,
    configuration: PredictConfiguration = PredictConfiguration(), engine: any PredictionEngine = ForecastingEngine()
  ) {
    self.database = database
    self.charges = charges
    self.administrator = administrator
    service = PredictService(
      database: database, charges: charges, configuration: configuration, engine: engine, logger: Self.logger)
  }

  /// A stack over a new database of a cluster.
  ///
  /// - Parameter chargeOptions: what the connections of charges set, such as `-c lock_timeout=1s`.
  init(
    cluster: TestCluster, configuration: PredictConfiguration = PredictConfiguration(), chargeOptions: String = ""
  ) async throws {
    let url = try await cluster.makeDatabase()
    let administrator = try Database(url: url, logger: Self.logger)
    _ = try await PredictSchema.migrate(administrator)
    var pools = Database.Configuration()
    pools.exclusiveConnections = 24
    func open(_ pools: Database.Configuration, options: String) throws -> Database {
      let separator = url.contains("?") ? "&" : "?"
      let options = "-c role=\(PredictSchema.role) \(options)"
      let encoded = options.replacing("=", with: "%3D").replacing(" ", with: "%20")
      return try Database(url: "\(url)\(separator)options=\(encoded)", configuration: pools, logger: Self.logger)
    }
    self.init(
      database: try open(pools, options: ""),
      charges: try open(configuration.bound(pools), options: chargeOptions), administrator: administrator,
      configuration: configuration)
  }

  /// Applies the schema once more.
  func migrate() async throws -> [Migration] {
    try await PredictSchema.migrate(administrator)
  }

  /// A fresh account, or the one by this id.
  func account(id: String? = nil) -> Account {
    Account(stack: self, id: id ?? ResourceID.make("acct"))
  }
}
