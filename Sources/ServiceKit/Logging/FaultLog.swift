package import Logging
import Synchronization

/// Says in the log why something failed: of each kind at most a line a second, however often it fails.
package final class FaultLog: Sendable {
  private struct Kind {
    var loggedAt: ContinuousClock.Instant
    /// The faults since then, which no line tells of.
    var unlogged = 0
  }

  private static let interval = Duration.seconds(1)
  /// More kinds than there are methods and codes; beyond it all count as one.
  private static let maxKinds = 256

  private let logger: Logger
  private let kinds = Mutex<[String: Kind]>([:])

  /// Creates a log that writes to `logger`.
  package init(logger: Logger) {
    self.logger = logger
  }

  /// Writes a line with the causes of the error, if any, unless one of this kind was written within the last second.
  /// - Parameters:
  ///   - message: What failed.
  ///   - kind: What distinguishes it from other faults; of few values, none of which a client chose.
  ///   - error: Why. Nil: the message and the metadata say so.
  package func note(
    _ message: Logger.Message, kind: String, _ error: (any Error)? = nil, level: Logger.Level = .warning,
    metadata: Logger.Metadata = [:], at now: ContinuousClock.Instant = .now
  ) {
    guard let unlogged = unloggedIfDue(kind, now) else { return }
    var metadata = metadata
    if let error { metadata["error"] = "\(error.causeChain)" }
    if unlogged > 0 { metadata["unlogged"] = "\(unlogged)" }
    logger.log(level: level, message, metadata: metadata)
  }

  /// How many faults of the kind were not logged before this one; nil when this one is not to be, either.
  private func unloggedIfDue(_ kind: String, _ now: ContinuousClock.Instant) -> Int? {
    kinds.withLock { kinds in
      let key = kinds[kind] != nil || kinds.count < Self.maxKinds ? kind : ""
      if let known = kinds[key], now - known.loggedAt < Self.interval {
        kinds[key]?.unlogged += 1
        return nil
      }
      defer { kinds[key] = Kind(loggedAt: now) }
      return kinds[key]?.unlogged ?? 0
    }
  }
}
