import Glibc

/// The shape that a season has about its own mean and slope, newest cycles weighed most.
struct SeasonalProfile {
  /// One a phase; the last is that of the newest point.
  let shape: [Double]

  private static let forgetting = 0.8

  /// - Parameters:
  ///   - values: the first `count` of them are used, at least one period.
  ///   - period: in points. 64 cycles at most are looked at, 10 of long periods.
  init(_ values: [Double], count: Int, period: Int) {
    let cycles = min(count / period, period < 40 ? 64 : 10)
    let start = count - cycles * period
    let means = (0..<cycles).map { cycle in
      let first = start + cycle * period
      return values[first..<(first + period)].reduce(0, +) / Double(period)
    }
    var shape = Array(repeating: 0.0, count: period)
    var total = 0.0
    for cycle in 0..<cycles {
      let weight = pow(Self.forgetting, Double(cycles - 1 - cycle))
      let slope = Self.gradient(means, at: cycle) / Double(period)
      total += weight
      let (first, centre) = (start + cycle * period, Double(period - 1) / 2)
      for phase in 0..<period {
        shape[phase] += weight * (values[first + phase] - means[cycle] - slope * (Double(phase) - centre))
      }
    }
    self.shape = shape.map { $0 / total }
  }

  /// The first `count` values less the shape.
  func adjusted(_ values: [Double], count: Int) -> [Double] {
    var phase = (shape.count - count % shape.count) % shape.count
    return (0..<count).map { time in
      defer { phase = phase + 1 == shape.count ? 0 : phase + 1 }
      return values[time] - shape[phase]
    }
  }

  /// Central differences, one-sided at the ends.
  private static func gradient(_ values: [Double], at index: Int) -> Double {
    let (before, after) = (max(index - 1, 0), min(index + 1, values.count - 1))
    return after > before ? (values[after] - values[before]) / Double(after - before) : 0
  }
}
