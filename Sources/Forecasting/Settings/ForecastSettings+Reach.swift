extension ForecastSettings {
  /// Newest Unix second that a row may carry: the end of the year 9999.
  static let latestTimestamp: Int64 = 253_402_300_799

  /// Seconds that a prediction reads before the newest row over all names of the profile that is not masked.
  ///
  /// They span `num_patches` patches of grid points, one fill run and one bucket more. With an exclude window they are
  /// as many more as the window makes active points rarer, and a window and two days more still: daylight saving moves
  /// the window.
  package var reach: Int64 { reach(points: contextLength) }

  /// Seconds that the readiness of a profile is judged on: more than those of a prediction only where the profile's
  /// whole context is shorter than what readiness asks for.
  package var readinessReach: Int64 { reach(points: readinessLength) }

  /// As above for a context of so many points: at most the seconds of all times that rows may have.
  func reach(points: Int) -> Int64 {
    // The longest product is 131,072 x 1,000 x 31,556,952, far below 2^63; capped before it is stretched.
    let span = min(Int64(points) * step, Self.latestTimestamp)
    let fill = min(Int64(fillLimit + 2) * interval, Self.latestTimestamp)
    guard let excludeWindow else { return min(span + fill, Self.latestTimestamp) }
    let (active, all) = excludeWindow.fewestActive(step: step)
    let (activeBuckets, allBuckets) = excludeWindow.fewestActive(step: interval)
    let stretched = stretch(span, by: all, over: active) + stretch(fill, by: allBuckets, over: activeBuckets)
    return min(stretched + excludeWindow.maskedSeconds + 2 * ExcludeWindow.daySeconds, Self.latestTimestamp)
  }

  /// Both ratios stay below 86,400 and the value below 2^38, so that the product fits.
  private func stretch(_ seconds: Int64, by numerator: Int64, over denominator: Int64) -> Int64 {
    min((seconds * numerator + denominator - 1) / denominator, Self.latestTimestamp)
  }
}
