/// What several schedules have shown.
struct SimulationSummary {
  /// Every so many schedules are gone on with, without faults, until all changes are answered.
  private static let finishedShare: UInt64 = 8

  private(set) var scheduleCount = 0
  private(set) var stepCount = 0
  private var counts = Array(repeating: 0, count: SimulationEvent.allCases.count)

  /// Runs a seed's schedule. Returns what it broke; `nil` if it broke nothing.
  mutating func run(_ seed: UInt64) -> SimulationFailure? {
    let simulation = Simulation(seed: seed)
    Self.run(simulation, seed)
    scheduleCount += 1
    stepCount += simulation.stepCount
    for event in SimulationEvent.allCases where simulation.happened(event) { counts[event.rawValue] += 1 }
    return simulation.failure
  }

  /// Adds what other schedules have shown.
  mutating func add(_ other: Self) {
    scheduleCount += other.scheduleCount
    stepCount += other.stepCount
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  /// Runs a seed's schedule again, and tells it line by line.
  static func trace(_ seed: UInt64) -> [String] {
    let simulation = Simulation(seed: seed, isTraced: true)
    run(simulation, seed)
    return simulation.trace
  }

  private static func run(_ simulation: Simulation, _ seed: UInt64) {
    simulation.run()
    if seed % finishedShare == 0 { simulation.finish() }
  }

  /// In how many schedules it happened.
  func count(of event: SimulationEvent) -> Int { counts[event.rawValue] }

  /// The summary to read.
  var lines: [String] {
    ["\(scheduleCount) schedules, \(stepCount) steps. In how many of the schedules"]
      + SimulationEvent.allCases.map { event in
        let count = "\(count(of: event))"
        return String(repeating: " ", count: max(0, 10 - count.count)) + count + "  " + event.text
      }
  }
}
