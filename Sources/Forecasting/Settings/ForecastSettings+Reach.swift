extension ForecastSettings {
  /// Newest Unix second that a row may carry: the end of the year 9999.
  static let latestTimestamp: Int64 = 253_402_300_799

  /// Smallest timestamp that a prediction reads when `latest` is the newest one over all names of the profile.
  ///
  /// The range spans `num_patches` patches of grid points, one fill run and one bucket more. With an exclude window it
  /// is as much longer as the window makes active points rarer, and a window and two days longer still: the newest row
  /// may be masked itself, and daylight saving moves the window. Never below 0.
  package func earliestTimestamp(latest: Int64) -> Int64 {
    earliestTimestamp(latest: latest, points: contextLength)
  }

  /// Smallest timestamp that the readiness of a profile is judged on; reaches further than a prediction only where the
  /// profile's whole context is shorter than what readiness asks for.
  package func earliestTimestampForReadiness(latest: Int64) -> Int64 {
    earliestTimestamp(latest: latest, points: max(contextLength, readyLength))
  }

  func earliestTimestamp(latest: Int64, points: Int) -> Int64 {
    let latest = min(max(latest, 0), Self.latestTimestamp)
    // The longest product is 131,072 x 1,000 x 31,556,952, far below 2^63; capped before it is stretched.
    let span = min(Int64(points) * step, Self.latestTimestamp)
    let fill = min(Int64(fillLimit + 2) * interval, Self.latestTimestamp)
    guard let excludeWindow else { return max(0, latest - span - fill) }
    let (active, all) = excludeWindow.fewestActive(step: step)
    let (activeBuckets, allBuckets) = excludeWindow.fewestActive(step: interval)
    let stretched = stretch(span, by: all, over: active) + stretch(fill, by: allBuckets, over: activeBuckets)
    return max(0, latest - stretched - excludeWindow.maskedSeconds - 2 * ExcludeWindow.daySeconds)
  }

  /// Both ratios stay below 86,400 and the value below 2^38, so that the product fits.
  private func stretch(_ seconds: Int64, by numerator: Int64, over denominator: Int64) -> Int64 {
    min((seconds * numerator + denominator - 1) / denominator, Self.latestTimestamp)
  }
}
