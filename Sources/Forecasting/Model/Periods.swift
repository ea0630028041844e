/// The seasonal periods of a channel, in points.
package enum Periods {
  /// A day, a week, a mean Gregorian year.
  private static let calendar: [Double] = [86_400, 604_800, 31_556_952]

  /// Calendar periods that fit the step and the length, then the highest peak of the autocorrelation; at most three.
  ///
  /// - Parameters:
  ///   - step: seconds between points.
  ///   - activeShare: share of a day outside the exclude window: time counts active points only.
  package static func detect(in values: [Double], step: Int64, activeShare: Double) -> [Int] {
    let count = values.count
    guard count >= 8 else { return [] }
    var periods: [Int] = []
    for seconds in calendar {
      let exact = seconds * activeShare / Double(step)
      // Beyond the context's length it could not be kept, nor perhaps be an integer.
      guard exact < Double(count) else { continue }
      let period = exact.rounded(.toNearestOrEven)
      if period >= 2, 2 * Int(period) + 1 <= count, abs(exact - period) < 0.05 * period,
        !periods.contains(Int(period))
      {
        periods.append(Int(period))
      }
    }
    if count >= 16, let peak = autocorrelationPeak(of: values, below: min(count / 3, 1_000)),
      periods.allSatisfy({ Double(abs(peak - $0)) > max(1, 0.06 * Double($0)) })
    {
      periods.append(peak)
    }
    return Array(periods.prefix(3))
  }

  /// The lag, from 4 on, of the highest peak of the linearly detrended autocorrelation; a later peak must win by .05.
  private static func autocorrelationPeak(of values: [Double], below limit: Int) -> Int? {
    let count = Double(values.count)
    let sums = FourierTransform.autocorrelation(detrended(values), upTo: limit)
    guard sums[0] > 1e-12 else { return nil }
    let correlations = sums.enumerated().map { lag, sum in sum / sums[0] * count / max(count - Double(lag), 1) }
    let threshold = max(0.2, 2 / count.squareRoot())
    var best: Int?
    for lag in 4..<max(limit, 4) {
      let here = correlations[lag]
      guard here > correlations[lag - 1], here >= correlations[lag + 1], here > threshold else { continue }
      if let found = best, here <= correlations[found] + 0.05 { continue }
      best = lag
    }
    return best
  }

  /// The residuals of a least-squares line.
  private static func detrended(_ values: [Double]) -> [Double] {
    let middle = Double(values.count - 1) / 2
    let mean = values.reduce(0, +) / Double(values.count)
    var (slope, spread) = (0.0, 0.0)
    for (index, value) in values.enumerated() {
      let time = Double(index) - middle
      slope += time * (value - mean)
      spread += time * time
    }
    slope /= spread
    return values.enumerated().map { $1 - mean - slope * (Double($0) - middle) }
  }
}
