import Foundation

/// A terminal, or whatever stands in for one: text goes out at once and is plain where nobody looks.
package struct Terminal: Sendable {
  /// Standard output.
  package static let output = Terminal(descriptor: STDOUT_FILENO)
  /// Standard error.
  package static let error = Terminal(descriptor: STDERR_FILENO)

  private let descriptor: CInt
  /// Whether a person looks at it.
  package let isInteractive: Bool
  /// Whether colours are wanted: `NO_COLOR` (no-color.org) turns them off.
  private let hasColours: Bool

  private init(descriptor: CInt) {
    self.descriptor = descriptor
    let environment = ProcessInfo.processInfo.environment
    isInteractive = isatty(descriptor) == 1 && environment["TERM"] != "dumb"
    hasColours = isInteractive && environment["NO_COLOR", default: ""].isEmpty
  }

  /// Writes text. A reader that is gone is no error.
  package func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  /// Writes a line.
  package func line(_ text: String = "") { write(text + "\n") }

  /// Text that stands out.
  package func bold(_ text: String) -> String { styled(text, "1") }
  /// Text that steps back.
  package func faint(_ text: String) -> String { styled(text, "2") }
  /// Text that says that all is well.
  package func green(_ text: String) -> String { styled(text, "32") }

  private func styled(_ text: String, _ code: String) -> String {
    hasColours ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }

  /// How many columns there are, 80 when that is unknown.
  package var columns: Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
