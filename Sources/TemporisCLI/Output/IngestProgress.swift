import LocalStack

/// The progress of an ingest: a bar with rate and time left on a terminal, a plain line every ten seconds elsewhere.
package struct IngestProgress {
  private let total: Int64?
  private let terminal = Terminal.error
  private let start = ContinuousClock.now
  private var lastShown: ContinuousClock.Instant?

  /// Creates the progress of a file of a size in bytes, if that is known.
  init(total: Int64?) {
    self.total = total
  }

  /// The seconds since the start.
  var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// Shows how far it is.
  mutating func show(rows: Int, bytes: Int64) {
    let interval: Duration = terminal.isInteractive ? .milliseconds(100) : .seconds(10)
    let now = ContinuousClock.now
    if let lastShown, now - lastShown < interval { return }
    if lastShown == nil, !terminal.isInteractive {
      // The first plain line comes after an interval: a short run says nothing but its end.
      lastShown = now
      return
    }
    lastShown = now
    let line = Self.line(rows: rows, bytes: bytes, total: total, seconds: seconds, width: terminal.columns)
    terminal.write(terminal.isInteractive ? "\r\u{1b}[K\(line)" : line + "\n")
  }

  /// Takes the bar away.
  func end() {
    if terminal.isInteractive, lastShown != nil { terminal.write("\r\u{1b}[K") }
  }

  /// One line: a bar and a percentage where the size is known, then rows, rate and time left.
  package static func line(rows: Int, bytes: Int64, total: Int64?, seconds: Double, width: Int) -> String {
    let rate = seconds > 0 ? Double(rows) / seconds : 0
    var text = "\(Count.grouped(rows, "row")), \(Count.grouped(Int(rate)))/s"
    guard let total, total > 0 else { return text }
    let share = min(1, Double(bytes) / Double(total))
    if share > 0, seconds > 0 { text += ", \(Count.time(seconds * (1 - share) / share)) left" }
    let percentage = "\(Int(share * 100))%"
    let room = min(40, width - text.count - percentage.count - 5)
    guard room >= 8 else { return "\(percentage) \(text)" }
    let filled = Int(share * Double(room))
    return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: room - filled) + "] "
      + "\(percentage) \(text)"
  }
}
