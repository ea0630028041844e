package import GRPCCore
package import Logging
package import Postgres
package import ServiceLifecycle

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
  private let pruning: AnswerPruning

  /// - Parameters:
  ///   - database: with the schema of `PredictSchema`; closed by its owner.
  ///   - charges: the same database through connections that only charges use, configured by
  ///     `PredictConfiguration.bound(_:)`; closed by its owner.
  ///   - engine: what draws trajectories.
  ///   - paymentProvider: who knows payment methods.
  package init(
    database: Database, charges: Database, configuration: PredictConfiguration = PredictConfiguration(),
    engine: any PredictionEngine = ForecastingEngine(), paymentProvider: any PaymentProvider = TestPaymentProvider(),
    logger: Logger
  ) {
    let edge = ServiceEdge()
    let limiter = configuration.rateLimit.map { RateLimiter(requestsPerSecond: $0) }
    let pool = EnginePool(concurrency: configuration.engineConcurrency, queueLimit: configuration.engineQueue)
    let sources = DataSourceStore(database: database)
    let observations = ObservationStore(database: database)
    let profiles = DataProfileStore(database: database)
    let cards = PaymentMethodStore(database: database)
    let ledger = BillingLedger(
      charges: charges, writeTimeout: configuration.chargeWriteTimeout, database: database, logger: logger)
    let readiness = ReadinessCheck(observations: observations, profiles: profiles, pool: pool)
    let predictor = Predictor(
      operatorAccount: configuration.operatorAccount, price: configuration.price, cards: cards, profiles: profiles,
      observations: observations, readiness: readiness, ledger: ledger, engine: engine, pool: pool,
      budget: AnswerBudget(limit: configuration.answerValues), keys: KeyQueue())
    dataSources = DataSourceHandler(store: sources, observations: observations, limiter: limiter, edge: edge)
    dataProfiles = DataProfileHandler(store: profiles, sources: sources, readiness: readiness, edge: edge)
    predictions = PredictionHandler(predictor: predictor, limiter: limiter, edge: edge)
    billing = BillingHandler(cards: cards, ledger: ledger, provider: paymentProvider, edge: edge)
    pruning = AnswerPruning(ledger: ledger, logger: logger)
  }

  /// What the server serves.
  package var handlers: [any RegistrableRPCService] { [dataSources, dataProfiles, predictions, billing] }

  /// What runs beside the server.
  package var background: [any Service] { [pruning] }
}
