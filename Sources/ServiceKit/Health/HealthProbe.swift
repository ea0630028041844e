/// Asks a running process whether it can take calls.
package protocol HealthProbe: Sendable {
  /// Whether it can; false as well when it does not say so in time.
  func isServing() async -> Bool
}
