import Logging
import Synchronization

/// What was logged: of each line its message and its metadata.
final class LogLines: Sendable {
  private let recorded = Mutex<[String]>([])

  private struct Handler: LogHandler {
    let log: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      log.recorded.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
  }

  var lines: [String] { recorded.withLock(\.self) }

  /// Records what it logs.
  var logger: Logger {
    Logger(label: "test") { _ in Handler(log: self) }
  }
}
