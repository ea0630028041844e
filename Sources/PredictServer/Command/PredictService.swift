package import GRPCCore
package import Logging
package import Postgres
package import ServiceKit
package import ServiceLifecycle
import TemporisAPI
import TokenDomain

/// The predict service's parts, put together over one database.
package struct PredictService: Sendable {
  /// Data sources and ingest.
  package let dataSources: DataSourceHandler
  /// Data profiles.
  package let dataProfiles: DataProfileHandler
  /// Predictions.
  package let predictions: PredictionHandler
  /// Cards and usage.
  package let billing: BillingHandler
  /// The services that run beside the server.
  package let background: [any Service]
  private let rounds: [(interval: Duration, body: @Sendable () async throws -> Void)]

  /// Puts the parts together.
  ///
  /// - Parameters:
  ///   - database: With the schema of `PredictSchema`; closed by its owner.
  ///   - charges: The same database through connections that only charges use, configured by
  ///     `PredictConfiguration.bound(_:)`; closed by its owner.
  ///   - engine: Draws trajectories.
  ///   - paymentProvider: Knows payment methods.
  package init(
    database: Database, charges: Database, configuration: PredictConfiguration = PredictConfiguration(),
    engine: any PredictionEngine = ForecastingEngine(), paymentProvider: any PaymentProvider = TestPaymentProvider(),
    logger: Logger
  ) {
    let limiter = configuration.rateLimit.map { RateLimiter(requestsPerSecond: $0) }
    let pool = EnginePool(concurrency: configuration.engineConcurrency, queueLimit: configuration.engineQueue)
    let sources = DataSourceStore(database: database, limit: configuration.dataSourceLimit)
    let observations = ObservationStore(
      database: database,
      connections: FairLimiter(
        "database_connections", units: configuration.longStatements, allowance: .asMuchAsIsFree, queueLimit: 1_024,
        clientLimit: 256, refusal: ServiceError(.rateLimited, retryAfter: .seconds(1))),
      rowLimit: configuration.rowLimit)
    let profiles = DataProfileStore(database: database, limit: configuration.dataProfileLimit)
    let cards = PaymentMethodStore(database: database)
    let ledger = BillingLedger(
      charges: charges, writeTimeout: configuration.chargeWriteTimeout, database: database, logger: logger)
    let readiness = ReadinessCheck(observations: observations, profiles: profiles, pool: pool)
    let predictor = Predictor(
      operatorAccount: configuration.operatorAccount, price: configuration.price, profiles: profiles,
      observations: observations, readiness: readiness, ledger: ledger, engine: engine,
      models: FittedModels(limit: configuration.modelMemory), pool: pool,
      budget: FairLimiter(
        "response_values", units: configuration.responseValues, allowance: .asMuchAsIsFree, queueLimit: 0,
        refusal: ServiceError(.engineBusy, retryAfter: .seconds(1))),
      keys: IdempotencyLock())
    dataSources = DataSourceHandler(
      store: sources, observations: observations, profiles: profiles, limiter: limiter,
      uploads: FairLimiter(
        "large_uploads", units: configuration.largeUploads, allowance: .asMuchAsIsFree, queueLimit: 1_024,
        clientLimit: 256, refusal: ServiceError(.rateLimited, retryAfter: .seconds(1))),
      maximumFutureDays: configuration.maximumFutureDays)
    dataProfiles = DataProfileHandler(
      store: profiles, sources: sources, readiness: readiness,
      contexts: ContextReading(observations: observations, pool: pool),
      publicProfiles: PublicProfiles(operatorAccount: configuration.operatorAccount, store: profiles))
    predictions = PredictionHandler(predictor: predictor, limiter: limiter)
    billing = BillingHandler(cards: cards, ledger: ledger, provider: paymentProvider, price: configuration.price)
    let removal = SourceRemoval(sources: sources, observations: observations)
    let retention = configuration.retentionDays.map { Retention(observations: observations, days: $0) }
    rounds = [
      // What is not deleted in one round is deleted in the next one, and is not replayed in between.
      (.seconds(600), { try await ledger.pruneResponses() }),
      (.seconds(10), { try await observations.foldCounts() }),
      (.seconds(10), { try await ledger.foldUsage() }),
      (.seconds(10), { try await removal.run() }),
      (.seconds(600), { try await retention?.run() }),
    ]
    background = rounds.map { PeriodicService(interval: $0.interval, logger: logger, body: $0.body) }
  }

  /// Does once what runs beside the server again and again.
  package func maintain() async throws {
    for round in rounds { try await round.body() }
  }

  /// The services that the server serves.
  package var handlers: [any RegistrableRPCService] { [dataSources, dataProfiles, predictions, billing] }
}

extension PredictService {
  /// The rule of each method: access tokens ingest and predict, everything else takes a person who signed in.
  package static let access: [MethodDescriptor: MethodAccess] = {
    let managed =
      Temporis_Predict_V1_DataSourceService.Method.descriptors
      + Temporis_Predict_V1_DataProfileService.Method.descriptors
      + Temporis_Billing_V1_BillingService.Method.descriptors
    var access = Dictionary(uniqueKeysWithValues: managed.map { ($0, MethodAccess.dashboardSession) })
    access[Temporis_Predict_V1_DataSourceService.Method.Ingest.descriptor] = .permission(.ingest)
    access[Temporis_Predict_V1_PredictionService.Method.Predict.descriptor] = .permission(.predict)
    return access
  }()
}
