import FoundationEssentials
package import Postgres

/// The settings that the service's operator decides.
package struct PredictConfiguration: Sendable {
  /// Nano-dollars per model token.
  package var price: Int64 = 20
  /// The most predictions that are computed at a time.
  package var engineConcurrency = ProcessInfo.processInfo.activeProcessorCount
  /// The most predictions that wait to be computed; one more is refused.
  package var engineQueue = 64
  /// The account whose published profiles everybody may use as `temporis/NAME`. `nil`: there are none.
  package var operatorAccount: String?
  /// Ingests and predictions of one account per second. `nil`: there is no limit.
  package var rateLimit: Int?
  /// The most days that a row's timestamp may be ahead of the clock: 0 to 2,932,896, the end of the year 9999.
  package var maximumFutureDays = 366
  /// The most rows of an account, over 0. `nil`: there is no limit.
  package var rowLimit: Int64? = 100_000_000
  /// The most data sources of an account, over 0.
  package var dataSourceLimit = 1_000
  /// The most data profiles of an account, over 0.
  package var dataProfileLimit = 1_000
  /// How many days a row is kept from its timestamp on, over 0. `nil`: for ever.
  package var retentionDays: Int?

  /// The most values of all responses that are under way together, 8 bytes each. An account has no more of them than
  /// stay free for others: a prediction beyond that is refused, and may be asked for again.
  package var responseValues = 1 << 26
  /// The most bytes of fitted models that are kept for the predictions to come.
  package var modelMemory = 64 << 20
  /// The most uploads of more than 1,000 rows that are held in memory at a time; others wait for their account's turn.
  package var largeUploads = 4
  /// The most statements at a time that read or write many rows; others wait for their account's turn. Fewer than the
  /// database has connections for long statements, so that one is left for the short ones.
  package var longStatements = 7
  /// The longest time that writing a charge may take, over 0.
  package var chargeWriteTimeout: Duration = .seconds(10)

  /// Creates a configuration with the defaults.
  package init() {}

  /// Configures a database for charges: a write of it is done, refused or rolled back within `chargeWriteTimeout`.
  package func bound(_ pools: Database.Configuration) -> Database.Configuration {
    var pools = pools
    // A batch runs one statement after another, each within its own timeout.
    pools.batchLimit = 8
    pools.queueTimeout = chargeWriteTimeout / 2
    pools.statementTimeout = chargeWriteTimeout / 2 / pools.batchLimit
    pools.silenceTimeout = chargeWriteTimeout / 2
    // A response is sent within a transaction, and may be long.
    pools.idleTransactionTimeout = .seconds(60)
    return pools
  }
}
