extension Pair {
  /// Runs every case.
  func run(_ cases: [InteropCase], python: Python) async -> [InteropCase: Outcome] {
    var outcomes: [InteropCase: Outcome] = [:]
    do {
      try await self.server.withServer(python: python) { port in
        outcomes = try await self.run(cases, port: port, python: python)
      }
    } catch {
      // Also when every case passed: a server that doesn't end well is at fault.
      let failure = CaseFailure("\(self.server.rawValue) server: \(error)")
      outcomes = Dictionary(uniqueKeysWithValues: cases.map { ($0, .failed(failure)) })
    }
    return outcomes
  }

  private func run(_ cases: [InteropCase], port: Int, python: Python) async throws -> [InteropCase: Outcome] {
    let lacking = self.lacking
    var relays: [InteropCase: (relay: Relay, expected: CompressedFlags)] = [:]
    for testCase in cases {
      guard let expected = testCase.expectedFlags(lacking: lacking) else { continue }
      relays[testCase] = (try await Relay.start(to: port), expected)
    }
    let ports = Dictionary(uniqueKeysWithValues: cases.map { ($0, relays[$0]?.relay.port ?? port) })
    var failures = try await self.client.runClient(ports, lacking: lacking, python: python)
    for (testCase, (relay, expected)) in relays {
      failures[testCase] = failures[testCase] ?? relay.recorder.difference(from: expected)
      try await relay.stop()
    }
    return cases.reduce(into: [:]) { outcomes, testCase in
      let limits = testCase.needs.compactMap { self.limit($0) }
      outcomes[testCase] =
        failures[testCase].map { .failed($0) } ?? (limits.isEmpty ? .passed : .limited(by: limits))
    }
  }
}
