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
    let summary = await withTaskGroup(of: SimulationSummary.self) { group in
      let taskCount = UInt64(max(ProcessInfo.processInfo.activeProcessorCount, 1))
      for first in 0..<taskCount {
        group.addTask { await run(stride(from: first, to: Self.scheduleCount, by: Int(taskCount))) }
      }
      return await group.reduce(into: SimulationSummary()) { $0.add($1) }
    }
    guard summary.scheduleCount == Self.scheduleCount else { return }
    print(summary.lines.joined(separator: "\n"))
    for event in SimulationEvent.allCases {
      #expect(summary.count(of: event) > 0, "never happened: \(event.text)")
    }
  }

  /// Runs schedules until one breaks something.
  private func run(_ seeds: StrideTo<UInt64>) async -> SimulationSummary {
    var summary = SimulationSummary()
    for seed in seeds {
      if let failure = summary.run(seed) {
        let trace = SimulationSummary.trace(seed).joined(separator: "\n")
        Issue.record("Schedule \(seed): \(failure). TEMPORIS_SCHEDULE=\(seed) tells it again.\n\(trace)")
        return summary
      }
      // Other tests run on the same threads, and some have a limit of time.
      if summary.scheduleCount.isMultiple(of: 8) { await Task.yield() }
    }
    return summary
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
