import Logging
import ServiceKit

extension FaultLog {
  /// Notes an error that is a fault, of which a page has something to say.
  /// - Parameter page: The path's template, which may be logged where the path may not.
  /// - Throws: The error itself when it is a refusal, or the end of what asked: a call that was cancelled says so in
  ///   words of its own.
  func noteFault(_ error: any Error, _ event: Logger.Message, kind: String, page: String) throws {
    if error is CancellationError || Task.isCancelled { throw error }
    if let refusal = ServiceError(anyOf: error), refusal.reason != .unavailable { throw error }
    note(event, kind: kind, error, metadata: ["page": "\(page)"])
  }
}
