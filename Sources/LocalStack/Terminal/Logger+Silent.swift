package import Logging

extension Logger {
  /// For what has nothing to say on a terminal.
  package static var silent: Logger { Logger(label: "temporis") { _ in SwiftLogNoOpLogHandler() } }
}
