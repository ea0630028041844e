import FoundationEssentials
package import Postgres

/// What the service's operator decides.
package struct PredictConfiguration: Sendable {
  /// Nano-dollars a model token.
  package var price: Int64 = 20
  /// Predictions that are computed at a time.
  package var engineConcurrency = ProcessInfo.processInfo.activeProcessorCount
  /// Predictions that wait to be computed; one more is refused.
  package var engineQueue = 64
  /// The account whose profiles everybody may use as `temporis/NAME`. Nil: there are none.
  package var operatorAccount: String?
  /// Ingests and predictions of one account a second. Nil: as many as it likes.
  package var rateLimit: Int?

  /// Values of all answers that are under way together, 8 bytes each; what goes beyond is refused, and may be asked again.
  package var answerValues = 1 << 26
  /// How long writing a charge may take, over 0.
  package var chargeWriteTimeout: Duration = .seconds(10)

  package init() {}

  /// What a database of charges is configured with besides its connections: a write of it is done, refused or rolled back
  /// within `chargeWriteTimeout`.
  package func bound(_ pools: Database.Configuration) -> Database.Configuration {
    var pools = pools
    // A batch runs one statement after another, each within its own timeout.
    pools.batchLimit = 8
    pools.queueTimeout = chargeWriteTimeout / 2
    pools.statementTimeout = chargeWriteTimeout / 2 / pools.batchLimit
    pools.silenceTimeout = chargeWriteTimeout / 2
    return pools
  }
}
