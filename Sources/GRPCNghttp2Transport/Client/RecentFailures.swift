import Glibc
package import NIOCore

/// How often something failed lately: each failure counts for half as much after a second, and so on.
package struct RecentFailures: Sendable {
  private var weight = 0.0
  private var weighedAt = NIODeadline.uptimeNanoseconds(0)

  package init() {}

  /// Notes a failure.
  package mutating func add(at now: NIODeadline) {
    self.weight = self.weight(at: now) + 1
    self.weighedAt = now
  }

  /// What the failures still count for, rounded.
  package func count(at now: NIODeadline) -> Int {
    Int(self.weight(at: now).rounded())
  }

  private func weight(at now: NIODeadline) -> Double {
    let seconds = Double((now - self.weighedAt).nanoseconds) / 1e9
    return self.weight * exp2(-max(seconds, 0))
  }
}
