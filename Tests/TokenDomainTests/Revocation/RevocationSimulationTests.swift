import Foundation
import Testing

/// Runs the state machines of revocation through seeded schedules.
///
/// `TEMPORIS_SCHEDULES=10000000` runs more of them, `TEMPORIS_SCHEDULE=4711` tells one line by line.
@Suite struct RevocationSimulationTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let scheduleCount = environment["TEMPORIS_SCHEDULES"].flatMap { UInt64($0) } ?? 100_000
  private static let replayed = environment["TEMPORIS_SCHEDULE"].flatMap { UInt64($0) }

  @Test("Once a change is answered, no Verify that starts afterwards answers VALID, whatever fails when")
  func guarantee() async {
    var summary = SimulationSummary()
    for seed in 0..<Self.scheduleCount {
      if let failure = summary.run(seed) {
        let trace = SimulationSummary.trace(seed).joined(separator: "\n")
        Issue.record("Schedule \(seed): \(failure). TEMPORIS_SCHEDULE=\(seed) tells it again.\n\(trace)")
        return
      }
      // Other tests run on the same threads.
      if seed.isMultiple(of: 64) { await Task.yield() }
    }
    print(summary.lines.joined(separator: "\n"))
    for event in SimulationEvent.allCases {
      #expect(summary.count(of: event) > 0, "never happened: \(event.text)")
    }
  }

  @Test("A schedule told again is the same", .enabled(if: replayed == nil))
  func replay() {
    for seed in 0..<20 as Range<UInt64> {
      #expect(SimulationSummary.trace(seed) == SimulationSummary.trace(seed))
    }
  }

  @Test("The schedule that was asked for", .enabled(if: replayed != nil))
  func told() {
    guard let seed = Self.replayed else { return }
    print(SimulationSummary.trace(seed).joined(separator: "\n"))
    var summary = SimulationSummary()
    #expect(summary.run(seed) == nil)
  }
}
