import Forecasting
import Glibc

/// Series with exactly reproducible noise.
enum TestSeries {
  /// Uniform on -.5 to .5, from a linear congruential generator.
  static func noise(_ count: Int, seed: UInt32 = 7) -> [Double] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Double(state) / 4_294_967_296 - 0.5
    }
  }

  /// Roughly normal, with a variance of 1.
  static func bell(_ count: Int, seed: UInt32 = 7) -> [Double] {
    let parts = (0..<12).map { noise(count, seed: seed &+ UInt32($0) &* 2_654_435_761) }
    return (0..<count).map { index in parts.reduce(0) { $0 + $1[index] } }
  }

  /// The output of a solar plant: a positive half-wave by day, zeros by night, each day of its own height.
  static func solar(_ count: Int, cloudy: Bool) -> [Double] {
    let clouds = noise(count / 24 + 1, seed: 3)
    return (0..<count).map { time in
      let height = cloudy ? 65 + 70 * clouds[time / 24] : 100
      return max(0, (height * sin(2 * .pi * Double(time % 24) / 24)).rounded())
    }
  }

  static func daily(_ count: Int) -> [Double] {
    noise(count).enumerated().map { time, noise in
      50 + 10 * sin(2 * .pi * Double(time) / 24) + 4 * noise
    }
  }

  static func companion(_ count: Int) -> [Double] {
    let (own, shared) = (noise(count, seed: 11), noise(count))
    return (0..<count).map { time in
      let season = 30 + 5 * sin(2 * .pi * Double(time) / 24)
      return season + shared[time] * 3 + own[time] * 2
    }
  }

  static func growing(_ count: Int) -> [Double] {
    noise(count).enumerated().map { time, noise in
      (20 + Double(time) * 0.2) * exp(0.3 * sin(2 * .pi * Double(time) / 24) + 0.2 * noise)
    }
  }

  static func walk(_ count: Int) -> [Double] {
    var level = 100.0
    return noise(count).map { step in
      level += step
      return level
    }
  }

  static func signed(_ count: Int) -> [Double] {
    var sum = 0.0
    return noise(count).map { step in
      sum += step
      return sum * 3 + step
    }
  }

  static func counts(_ count: Int) -> [Double] {
    noise(count).map { (max(0, $0 + 0.1) * 8).rounded(.down) }
  }
}

extension ForecastSettings {
  /// Settings of one series named `x`, the defaults but for what a test is about.
  static func of(
    names: [String] = ["x"], interval: Int64 = 3_600, patchLength: Int = 16, patchSpacing: Int = 1,
    numPatches: Int = 32, minPatches: Int = 1, fillLimit: Int = 2, usesDiffs: Bool = false, window: String? = nil,
    horizonPatches: Int? = nil
  ) throws -> ForecastSettings {
    try ForecastSettings(
      names: names, interval: interval, patchLength: patchLength, patchSpacing: patchSpacing, numPatches: numPatches,
      minPatches: minPatches, fillLimit: fillLimit, usesDiffs: usesDiffs,
      excludeWindow: try window.map { try ExcludeWindow(parsing: $0) }, horizonPatches: horizonPatches)
  }
}

extension Forecaster {
  /// Forecasts values that are on the grid already.
  static func forecast(
    _ channels: [[Double]], _ settings: ForecastSettings, count: Int = 20, temperature: Double = 1, topP: Double = 1,
    seed: UInt64 = 1
  ) throws -> Forecast {
    let context = try ForecastContext(predictFrom: 1_800_000_000, channels: channels)
    return try Forecaster(settings: settings).forecast(
      context: context, count: count, temperature: temperature, topP: topP, seed: seed)
  }
}

extension Forecast {
  /// The values of one channel's step in every trajectory, ascending.
  func drawn(step: Int, channel: Int = 0) -> [Double] {
    let channels = trajectories.first.map { $0.values.count / timestamps.count } ?? 1
    return trajectories.map { $0.values[step * channels + channel] }.sorted()
  }

  /// A quantile of one channel's step over the trajectories.
  func quantile(_ share: Double, step: Int, channel: Int = 0) -> Double {
    let sorted = drawn(step: step, channel: channel)
    return sorted[Int((Double(sorted.count - 1) * share).rounded())]
  }

  /// From the 10 % to the 90 % quantile.
  func band(step: Int, channel: Int = 0) -> ClosedRange<Double> {
    quantile(0.1, step: step, channel: channel)...quantile(0.9, step: step, channel: channel)
  }

  /// The mean width of the band over all steps.
  var width: Double {
    timestamps.indices.reduce(0) { $0 + band(step: $1).upperBound - band(step: $1).lowerBound }
      / Double(timestamps.count)
  }
}
