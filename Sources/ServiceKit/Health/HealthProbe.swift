/// Asks a running process whether it can take calls.
package protocol HealthProbe: Sendable {
  /// Returns when it can.
  /// - Throws: Why it can't, or what kept it from saying so in time.
  func check() async throws
}

extension HealthProbe {
  /// Whether it can take calls.
  package func isServing() async -> Bool {
    (try? await check()) != nil
  }
}

/// A process that answers, and can't take calls.
struct NotServingError: Error, CustomStringConvertible {
  let description = "it runs, and says that it can't take calls: its log says why"
}
