package import ArgumentParser
import FoundationEssentials
import Postgres
import ServiceDatabase
package import ServiceKit

/// `predict-service`: serves data sources, profiles, predictions and billing until it is told to stop.
package struct PredictServiceCommand: ServiceCommand {
  package static let workload = Workload.predictService
  package static let defaultListen = "127.0.0.1:50053"

  package static let configuration = CommandConfiguration(
    commandName: workload.rawValue, abstract: "Serves data sources, data profiles, predictions and billing.",
    discussion: """
      Takes the database from TEMPORIS_DATABASE_URL (or TEMPORIS_DATABASE_URL_FILE, the path of a file that holds it).
      """,
    subcommands: [MigrateCommand<PredictSchema>.self, RecountCommand.self, HealthCommand<Self>.self])

  private static let verifier = Setting.replicas(of: .authVerifier)
  private static let verifyTimeout = Setting.verifyTimeout
  private static let price = Setting<Int>.integer(
    "price-nano-dollars", default: 20, in: 0...1_000_000_000, help: "The price of a model token, in nano-dollars.")
  private static let maximumFutureDays = Setting<Int>.integer(
    "max-future-days", default: 366, in: 0...2_932_896,
    help: "The most days that the timestamp of a row may be ahead of the clock.")
  private static let rowLimit = Setting<Int>.integer(
    "row-limit", default: 100_000_000, in: 0...1_000_000_000_000_000, help: "The most rows of an account; 0 is off.")
  private static let dataSourceLimit = Setting<Int>.integer(
    "data-source-limit", default: 1_000, in: 1...1_000_000, help: "The most data sources of an account.")
  private static let dataProfileLimit = Setting<Int>.integer(
    "data-profile-limit", default: 1_000, in: 1...1_000_000, help: "The most data profiles of an account.")
  private static let retention = Setting<Int>.integer(
    "retention-days", default: 0, in: 0...3_000_000,
    help: "How many days a row is kept from its timestamp on; 0 is for ever.")
  private static let concurrency = Setting<Int>.integer(
    "engine-concurrency", default: ProcessInfo.processInfo.activeProcessorCount, in: 1...1_024,
    help: "Predictions that are computed at a time.")
  private static let queue = Setting<Int>.integer(
    "engine-queue", default: 64, in: 0...100_000, help: "Predictions that wait to be computed; one more is refused.")
  private static let operatorAccount = Setting<String?>(
    "operator-account", default: "",
    help: "The id of the account that may publish its profiles, as temporis/NAME, or "
      + "TEMPORIS_OPERATOR_ACCOUNT_FILE, the path of a file that holds it.",
    expected: "an account's id: acct_ and 22 letters and digits"
  ) { text in
    guard !text.isEmpty else { return .some(nil) }
    guard ResourceID.isValid(text, prefix: "acct") else { return nil }
    return text
  }
  private static let rateLimit = Setting<Int>.integer(
    "rate-limit", default: 0, in: 0...1_000_000,
    help: "Ingests and predictions of one account per second, and as many at once; 0 is off.")
  private static let chargeWriteTimeout = Setting.chargeWriteTimeout
  private static let connections = Setting<Int>.integer(
    "database-connections", default: 8, in: 1...256, help: "Connections for ingests and other long statements.")

  /// For charges that come with an idempotency key; the others share one connection.
  private static let chargeConnections = 4

  @OptionGroup package var service: ServiceOptions
  @Option(name: .customLong(verifier.key), help: verifier.help) private var verifierText: String?
  @Option(name: .customLong(verifyTimeout.key), help: verifyTimeout.help) private var verifyTimeoutText: String?
  @Option(name: .customLong(price.key), help: price.help) private var priceText: String?
  @Option(name: .customLong(maximumFutureDays.key), help: maximumFutureDays.help)
  private var maximumFutureDaysText: String?
  @Option(name: .customLong(rowLimit.key), help: rowLimit.help) private var rowLimitText: String?
  @Option(name: .customLong(dataSourceLimit.key), help: dataSourceLimit.help) private var dataSourceLimitText: String?
  @Option(name: .customLong(dataProfileLimit.key), help: dataProfileLimit.help)
  private var dataProfileLimitText: String?
  @Option(name: .customLong(retention.key), help: retention.help) private var retentionText: String?
  @Option(name: .customLong(concurrency.key), help: concurrency.help) private var concurrencyText: String?
  @Option(name: .customLong(queue.key), help: queue.help) private var queueText: String?
  @Option(name: .customLong(operatorAccount.key), help: operatorAccount.help) private var operatorAccountText: String?
  @Option(name: .customLong(rateLimit.key), help: rateLimit.help) private var rateLimitText: String?
  @Option(name: .customLong(chargeWriteTimeout.key), help: chargeWriteTimeout.help)
  private var chargeWriteTimeoutText: String?
  @Option(name: .customLong(connections.key), help: connections.help) private var connectionsText: String?

  package init() {}

  package func run() async throws {
    let settings = Settings()
    var configuration = try predictConfiguration(settings)
    let verifyTimeout = try settings.value(Self.verifyTimeout, flag: verifyTimeoutText)
    let verifierEndpoints = try settings.value(Self.verifier, flag: verifierText)
    var pools = Database.Configuration()
    pools.exclusiveConnections = try settings.value(Self.connections, flag: connectionsText)
    configuration.longStatements = max(1, pools.exclusiveConnections - 1)
    pools.applicationName = Self.workload.rawValue
    let process = try ServiceProcess(
      workload: Self.workload, options: service, settings: settings, defaultListen: Self.defaultListen)
    let database = try settings.database(configuration: pools, logger: process.logger)
    pools.exclusiveConnections = Self.chargeConnections
    let charges = try settings.database(configuration: configuration.bound(pools), logger: process.logger)
    let client = try process.client(of: .authVerifier, at: verifierEndpoints)
    let predict = PredictService(
      database: database, charges: charges, configuration: configuration, logger: process.logger)
    let authentication = AuthenticationInterceptor(
      verifier: RemoteVerifier(client: client, timeout: verifyTimeout), access: PredictService.access)
    let health = HealthMonitor(isServing: false, logger: process.logger)
    let check = HealthCheck(of: health) {
      try await database.probe("SELECT account_id FROM predict.data_source LIMIT 0")
    }
    do {
      try await process.serve(
        predict.handlers, authentication: authentication, health: health,
        running: [check, client] + predict.background)
    } catch {
      await charges.close()
      await database.close()
      throw error
    }
    await charges.close()
    await database.close()
  }

  private func predictConfiguration(_ settings: Settings) throws(SettingError) -> PredictConfiguration {
    var configuration = PredictConfiguration()
    configuration.price = Int64(try settings.value(Self.price, flag: priceText))
    configuration.maximumFutureDays = try settings.value(Self.maximumFutureDays, flag: maximumFutureDaysText)
    let rowLimit = try settings.value(Self.rowLimit, flag: rowLimitText)
    configuration.rowLimit = rowLimit == 0 ? nil : Int64(rowLimit)
    configuration.dataSourceLimit = try settings.value(Self.dataSourceLimit, flag: dataSourceLimitText)
    configuration.dataProfileLimit = try settings.value(Self.dataProfileLimit, flag: dataProfileLimitText)
    let retention = try settings.value(Self.retention, flag: retentionText)
    configuration.retentionDays = retention == 0 ? nil : retention
    configuration.engineConcurrency = try settings.value(Self.concurrency, flag: concurrencyText)
    configuration.engineQueue = try settings.value(Self.queue, flag: queueText)
    configuration.operatorAccount = try settings.valueOrFile(Self.operatorAccount, flag: operatorAccountText)
    configuration.chargeWriteTimeout = try settings.value(Self.chargeWriteTimeout, flag: chargeWriteTimeoutText)
    let rateLimit = try settings.value(Self.rateLimit, flag: rateLimitText)
    configuration.rateLimit = rateLimit == 0 ? nil : rateLimit
    return configuration
  }
}
