import Forecasting
import Logging
import Postgres
import PredictServer
import ServiceKit
import TestSupport

/// The service over a real database, as the role that it runs as in production. Tests are kept apart by their accounts.
struct PredictStack: Sendable {
  /// Connected as the service's role.
  let database: Database
  /// Connected as a superuser.
  let administrator: Database
  let service: PredictService

  private static let shared = Task { try await PredictStack() }

  /// The stack of this process, or the same database under another service.
  static func make(
    engine: (any PredictionEngine)? = nil, configure: (inout PredictConfiguration) -> Void = { _ in }
  ) async throws -> PredictStack {
    let shared = try await shared.value
    var configuration = PredictConfiguration()
    configure(&configuration)
    return PredictStack(
      database: shared.database, administrator: shared.administrator,
      service: PredictService(
        database: shared.database, configuration: configuration, engine: engine ?? ForecastingEngine(), logger: logger))
  }

  private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  init(database: Database, administrator: Database, service: PredictService) {
    self.database = database
    self.administrator = administrator
    self.service = service
  }

  private init() async throws {
    let url = try await TestCluster.shared().makeDatabase()
    administrator = try Database(url: url, logger: Self.logger)
    _ = try await PredictSchema.migrate(administrator)
    let separator = url.contains("?") ? "&" : "?"
    var pools = Database.Configuration()
    pools.exclusiveConnections = 24
    database = try Database(
      url: "\(url)\(separator)options=-c%20role%3D\(PredictSchema.role)", configuration: pools, logger: Self.logger)
    service = PredictService(database: database, logger: Self.logger)
  }

  /// Applies the schema once more.
  func migrate() async throws -> [String] {
    try await PredictSchema.migrate(administrator)
  }

  /// A fresh account, or the one by this id.
  func account(id: String? = nil) -> Account {
    Account(stack: self, id: id ?? ResourceID.make("acct"))
  }
}
