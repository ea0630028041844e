import Glibc

/// A channel whose tokens are standardised errors about its path.
struct ContinuousChannel: Sendable {
  /// How a drawn value becomes one of the series, to the size of 1.
  private enum Inverse {
    case level
    case root
    case logarithm
    case inverseSinh(unit: Double)
  }

  /// Expected value of each step, in the units that errors are drawn in.
  let location: [Double]
  /// Standard deviation of each step, in the same units.
  let spread: [Double]
  /// For each coefficient a packed lower triangle across the patches.
  let factors: [Double]
  private let inverse: Inverse
  /// The history's largest value in those units; its largest magnitude where they have two sides.
  private let highest: Double
  private let isNonNegative: Bool
  private let scale: BinaryScale

  /// In logarithms no draw goes beyond e^1.5 times the largest value seen, or the path.
  private static let room = 1.5

  init(_ fit: ChannelFit) {
    (factors, scale) = (fit.covariance.factors, fit.scale)
    (highest, isNonNegative) = (fit.highest, fit.isNonNegative)
    let isLevel = fit.noiseSpace == .level
    location = isLevel ? fit.path.map(fit.normalisation.undo) : fit.path
    spread = isLevel ? fit.forecastScale.map { $0 * fit.normalisation.width } : fit.forecastScale
    inverse =
      switch (fit.transform, fit.noiseSpace) {
      case (.inverseSinh(let unit), _): .inverseSinh(unit: unit)
      case (.logarithm, _), (.level, .logarithm): .logarithm
      case (.level, .root): .root
      case (.level, .level): .level
      }
  }

  /// The value of one step from its standardised error: always finite.
  func value(step: Int, error: Double) -> Double {
    let center = location[step]
    let drawn = center + error * spread[step]
    let value =
      switch inverse {
      case .level: drawn
      case .root: max(drawn, 0) * max(drawn, 0) / 4
      case .logarithm: exp(min(drawn, max(center, highest) + Self.room))
      case .inverseSinh(let unit):
        sinh(min(max(drawn, min(center, -highest) - Self.room), max(center, highest) + Self.room)) * unit
      }
    return scale.leave(isNonNegative ? max(value, 0) : value)
  }
}
