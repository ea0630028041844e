/// A condition that did not come true in time.
package struct TimedOut: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String = "Waited in vain") {
    self.description = description
  }
}

/// Asks again and again until there is an answer; throws ``TimedOut`` after `limit`.
package func eventually<Answer>(
  _ what: String, within limit: Duration = .seconds(30), _ ask: () async throws -> Answer?
) async throws -> Answer {
  let deadline = ContinuousClock.now + limit
  // Conditions of this process come true at once, those of others take a while.
  var pause = Duration.milliseconds(1)
  while true {
    if let answer = try await ask() { return answer }
    guard ContinuousClock.now < deadline else { throw TimedOut("Waited \(limit) in vain: \(what)") }
    try await Task.sleep(for: pause)
    pause = min(pause * 2, .milliseconds(50))
  }
}

/// Asks again and again until `condition` holds; throws ``TimedOut`` after `limit`.
package func eventually(within limit: Duration = .seconds(30), until condition: () async throws -> Bool) async throws {
  try await eventually("a condition", within: limit) { try await condition() ? () : nil }
}
