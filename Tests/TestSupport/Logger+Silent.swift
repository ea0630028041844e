package import Logging

extension Logger {
  /// Logs nothing.
  package static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
