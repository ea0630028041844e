/// The seasonal periods of a channel, in points.
package enum Periods {
  /// A day, a week, a mean Gregorian year.
  private static let calendar: [Double] = [86_400, 604_800, 31_556_952]
  private static let most = 3
  /// By how much a peak of the autocorrelation must lie above what is there already.
  private static let margin = 0.05

  /// Calendar periods that fit the step and the length, then the highest peak of the autocorrelation if it beats them;
  /// at most three.
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
      let period = Int(exact.rounded(.toNearestOrEven))
      if period >= 2, 2 * period + 1 <= count, abs(exact - Double(period)) < 0.05 * Double(period),
        !periods.contains(period)
      {
        periods.append(period)
      }
    }
    if count >= 16, let peak = autocorrelationPeak(of: values, besides: periods),
      periods.allSatisfy({ Double(abs(peak - $0)) > max(1, 0.06 * Double($0)) })
    {
      periods.append(peak)
    }
    return Array(periods.prefix(most))
  }

  /// The lag, from 4 on, of the highest peak; a later one must win by the margin, and so must any over the calendar's.
  private static func autocorrelationPeak(of values: [Double], besides periods: [Int]) -> Int? {
    let last = min(values.count / 3, 1_000)
    guard last > 4, let correlations = Autocorrelation.of(values, upTo: last) else { return nil }
    var threshold = max(0.2, 2 / Double(values.count).squareRoot())
    for period in periods where period <= last { threshold = max(threshold, correlations[period] + margin) }
    var best: Int?
    for lag in 4..<last {
      let here = correlations[lag]
      guard here > correlations[lag - 1], here >= correlations[lag + 1], here > threshold else { continue }
      if let found = best, here <= correlations[found] + margin { continue }
      best = lag
    }
    return best
  }
}

extension ForecastSettings {
  /// Share of a day that the grid's points lie in. Points a whole number of days apart are all active or none is, so
  /// that no time is skipped between them.
  package var activeShare: Double {
    guard let excludeWindow, step % ExcludeWindow.daySeconds != 0 else { return 1 }
    return Double(excludeWindow.activeSeconds) / Double(ExcludeWindow.daySeconds)
  }
}
