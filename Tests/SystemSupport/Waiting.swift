/// A condition that did not come true in time.
package struct TimedOut: Error, CustomStringConvertible {
  package let description: String
}

/// Asks again and again until the answer is one, and gives up after a deadline.
package func eventually<Answer>(
  _ what: String, within limit: Duration = .seconds(30), _ ask: () async throws -> Answer?
) async throws -> Answer {
  let deadline = ContinuousClock.now + limit
  while true {
    if let answer = try await ask() { return answer }
    guard ContinuousClock.now < deadline else { throw TimedOut(description: "Waited \(limit) in vain: \(what)") }
    try await Task.sleep(for: .milliseconds(50))
  }
}
