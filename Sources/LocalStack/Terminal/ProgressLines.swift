/// Says which step is being done. On a terminal a finished step gets a tick and its time; elsewhere each step is one
/// plain line.
struct ProgressLines: Sendable {
  private let terminal = Terminal.output

  /// Does a step.
  func step<R>(_ title: String, _ body: () async throws -> R) async rethrows -> R {
    let start = ContinuousClock.now
    terminal.write(terminal.isInteractive ? "  … \(title)" : "\(title)\n")
    do {
      let result = try await body()
      if terminal.isInteractive {
        let time = (ContinuousClock.now - start) / .seconds(1)
        terminal.write("\r\u{1b}[K  \(terminal.green("✓")) \(title) \(terminal.faint(tenths(time) + " s"))\n")
      }
      return result
    } catch {
      if terminal.isInteractive { terminal.write("\n") }
      throw error
    }
  }

  private func tenths(_ seconds: Double) -> String {
    let tenths = Int((seconds * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
