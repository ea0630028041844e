import Foundation
import Synchronization

/// A terminal, or whatever stands in for one: text goes out at once and is plain where nobody looks.
package final class Terminal: Sendable {
  /// Standard output.
  package static let output = Terminal(descriptor: STDOUT_FILENO)
  /// Standard error.
  package static let error = Terminal(descriptor: STDERR_FILENO)

  private let descriptor: CInt
  /// The error number of the first text that was not written.
  private let firstError = Mutex<CInt?>(nil)
  /// Whether a person looks at it.
  package let isInteractive: Bool
  /// Whether colours are wanted: `NO_COLOR` (no-color.org) turns them off.
  package let hasColours: Bool

  /// Takes an open descriptor, which stays its owner's.
  package init(descriptor: CInt) {
    self.descriptor = descriptor
    let environment = ProcessInfo.processInfo.environment
    isInteractive = isatty(descriptor) == 1 && environment["TERM"] != "dumb"
    hasColours = isInteractive && environment["NO_COLOR", default: ""].isEmpty
  }

  /// Writes text. Whether it could be is for ``flush()`` to say.
  package func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      // A device that takes nothing and gives no reason is broken.
      let error = count > 0 ? 0 : count < 0 ? errno : EIO
      switch error {
      case 0: bytes = bytes.dropFirst(count)
      case EINTR: continue
      case EAGAIN: waitUntilWritable()
      default: return note(error)
      }
    }
  }

  /// Waits where another process has made the descriptor one that does not.
  private func waitUntilWritable() {
    var wish = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    poll(&wish, 1, -1)
  }

  private func note(_ error: CInt) {
    firstError.withLock { $0 = $0 ?? error }
  }

  /// Asks whether all that was written has arrived. A reader that is gone is no error.
  ///
  /// - Throws: `LocalStackError` with `.output` when a write failed.
  package func flush() throws(LocalStackError) {
    // Some file systems say only at the close that they are full.
    let copy = dup(descriptor)
    if copy >= 0, close(copy) != 0, errno != EINTR { note(errno) }
    guard let error = firstError.withLock({ $0 }), error != EPIPE else { return }
    throw LocalStackError(.output, "The output cannot be written: \(String(cString: strerror(error)))")
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
