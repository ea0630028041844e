import Foundation

/// Hourly orders of a small shop, made up so that they look real: a shape of the day, a shape of the week, slow growth,
/// a swing over the year and noise. The value of an hour depends on that hour alone, so that a later start adds hours
/// and changes none.
package enum DemoSeries {
  /// The seconds of an hour: the series' interval.
  package static let interval: Int64 = 3_600

  /// The orders of every hour in the last days up to an instant.
  ///
  /// - Parameters:
  ///   - end: Unix seconds; the last row is the hour that holds them.
  ///   - days: How many days back the rows go.
  package static func rows(until end: Int64, days: Int = 90) -> [(timestamp: Int64, orders: Double)] {
    let last = end / interval
    return ((last - Int64(days) * 24)...last).map { hour in (hour * interval, orders(hour: hour)) }
  }

  /// The orders of one hour, counted in hours since 1970 (UTC).
  package static func orders(hour: Int64) -> Double {
    let hourOfDay = Double(hour % 24)
    // 1 January 1970 was a Thursday.
    let dayOfWeek = Int((hour / 24 + 3) % 7)
    let years = Double(hour) / 8_766
    let day = 0.18 + 0.75 * bump(hourOfDay, at: 12.5, width: 2.6) + 1.0 * bump(hourOfDay, at: 19.5, width: 2.2)
    let week = [0.92, 0.9, 0.95, 1.0, 1.18, 1.32, 1.08][dayOfWeek]
    let trend = exp(0.12 * (years - 55)) * (1 + 0.08 * sin(2 * .pi * (years - 0.6)))
    return max(0, (90 * day * week * trend * (1 + 0.07 * noise(hour))).rounded())
  }

  private static func bump(_ hour: Double, at peak: Double, width: Double) -> Double {
    exp(-(hour - peak) * (hour - peak) / (2 * width * width))
  }

  /// About normal, with mean 0 and variance 1: twelve uniform numbers less six (Irwin-Hall), from SplitMix64.
  private static func noise(_ hour: Int64) -> Double {
    var state = UInt64(bitPattern: hour) &* 0x2545_f491_4f6c_dd1d
    var sum = 0.0
    for _ in 0..<12 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      sum += Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
    }
    return sum - 6
  }
}
