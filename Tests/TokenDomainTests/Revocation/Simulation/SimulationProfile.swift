/// What a seed's schedule has much or little of. Each seed draws its own, for several phases: a fault that needs three
/// rare things is found where they are frequent (A. Groce et al., "Swarm testing", 2012).
struct SimulationProfile {
  let verifierCount: Int
  let hasStandby: Bool
  /// How many of the connections still lead to the old primary after a failover, in percent.
  let oldShare: Int
  /// How long the leases are that each replica grants.
  let leases: [Duration]
  /// The most that passes between two steps, in nanoseconds.
  let pace: Int
  /// Whether the schedule begins with verifiers that have registered and looked something up.
  let isWarm: Bool
  /// How many steps the schedule has.
  let stepCount: Int
  /// What happens for sure, and after how many steps at the earliest.
  private(set) var plot: [(step: Int, action: SimulationAction)] = []
  private var phases: [[Int]] = []
  private let phaseLength: Int
  private let kinds: [Change.Kind]

  /// Draws a schedule's.
  init(using random: inout SimulationRandom) {
    let theme = SimulationTheme.all[random.below(SimulationTheme.all.count)]
    var step = random.below(25)
    for action in theme.plot {
      plot.append((step, action))
      step += 5 + random.below(50)
    }
    verifierCount = (theme.plot.isEmpty ? [1, 1, 2, 2, 3] : [1, 1, 1, 2, 3])[random.below(5)]
    hasStandby = theme.plot.contains(.failOver) || random.chance(percent: 60)
    leases = random.chance(percent: 50) ? [.seconds(2), .seconds(2)] : [.seconds(1), .seconds(3)]
    oldShare = theme.oldShare ?? [3, 10, 40][random.below(3)]
    pace = [1_000, 100_000, 1_000_000, 5_000_000, 20_000_000][random.below(5)]
    isWarm = random.chance(percent: 75)
    stepCount = (theme.plot.isEmpty ? 150 : 250) + random.below(101)
    phaseLength = 40 + random.below(120)
    let kinds: [[Change.Kind]] = [
      [.delete], [.delete, .disable, .enable], [.suspend, .resume, .delete], Change.Kind.allCases,
    ]
    self.kinds = kinds[random.below(kinds.count)]
    while phases.count * phaseLength < stepCount {
      phases.append(Self.phase(of: theme, using: &random))
    }
  }

  /// Draws how often what happens in a phase: of each action, the sum up to it.
  private static func phase(of theme: SimulationTheme, using random: inout SimulationRandom) -> [Int] {
    var sum = 0
    return SimulationAction.allCases.map { action in
      let factors = action.isFault ? [0, 0, 0, 0, 1, 4] : [0, 2, 2, 2, 2, 2, 2, 2, 4, 4]
      var factor = factors[random.below(factors.count)]
      if theme.more.contains(action) { factor *= 5 }
      if theme.less.contains(action), random.chance(percent: 50) { factor = 0 }
      sum += action.weight * factor
      return sum
    }
  }

  /// Draws the next action, after so many steps.
  func draw(after stepCount: Int, using random: inout SimulationRandom) -> SimulationAction {
    let sums = phases[min(stepCount / phaseLength, phases.count - 1)]
    let number = random.below(sums[sums.count - 1])
    var index = 0
    while sums[index] <= number { index += 1 }
    return SimulationAction(rawValue: index) ?? .wait
  }

  /// Draws a change.
  func kind(using random: inout SimulationRandom) -> Change.Kind {
    kinds[random.below(kinds.count)]
  }
}
