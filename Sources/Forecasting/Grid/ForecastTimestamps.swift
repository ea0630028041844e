/// The instants that a trajectory's rows carry.
enum ForecastTimestamps {
  /// Longest search for the next active instant; a window that a zone's change of rules shut for good ends there.
  private static let patience = 4_096

  /// Steps forward from `start`, over the exclude window, until there are `count` instants.
  ///
  /// - Throws: `ForecastError` with `windowCoversForecast` when the window masks every point ahead.
  static func after(_ start: Int64, count: Int, settings: ForecastSettings) throws(ForecastError) -> [Int64] {
    var active = ActiveTime(settings.excludeWindow)
    var (timestamps, masked) = ([Int64](), 0)
    timestamps.reserveCapacity(count)
    var instant = start + settings.step
    while timestamps.count < count {
      let (isMasked, until) = active.state(at: instant)
      if !isMasked {
        timestamps.append(instant)
        instant += settings.step
        masked = 0
        continue
      }
      masked += 1
      guard masked <= patience else {
        throw ForecastError(
          code: .windowCoversForecast,
          message: "every grid point ahead falls inside the exclude window; change the interval or the window")
      }
      instant += (until - instant + settings.step - 1) / settings.step * settings.step
    }
    return timestamps
  }
}
