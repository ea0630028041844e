import FoundationEssentials

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

  package init() {}
}
