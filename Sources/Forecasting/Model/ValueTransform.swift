import Glibc

/// The scale on which a channel is modelled.
package enum ValueTransform: Sendable, Equatable {
  case level
  case logarithm
  /// For growth of values that are not all positive: `asinh(y / unit)`.
  case inverseSinh(unit: Double)

  /// Logarithms when the profile asks for growth or the spread grows with the level; levels otherwise.
  package init(for values: [Double], periods: [Int], usesDiffs: Bool) {
    if usesDiffs {
      self = values.allSatisfy({ $0 > 0 }) ? .logarithm : .inverseSinh(unit: Self.unit(of: values))
    } else {
      self = LogGate.opens(for: values, periods: periods) ? .logarithm : .level
    }
  }

  var isLevel: Bool { self == .level }

  /// From a value of the series.
  package func apply(_ value: Double) -> Double {
    switch self {
    case .level: value
    case .logarithm: log(value)
    case .inverseSinh(let unit): asinh(value / unit)
    }
  }

  /// Back to a value of the series.
  package func undo(_ value: Double) -> Double {
    switch self {
    case .level: value
    case .logarithm: exp(value)
    case .inverseSinh(let unit): sinh(value) * unit
    }
  }

  /// The median magnitude, 1 if that is 0; never so small against the largest that a quotient overflows.
  private static func unit(of values: [Double]) -> Double {
    let magnitudes = values.map(\.magnitude).sorted()
    let median = Quantile.median(magnitudes)
    return median == 0 ? 1 : max(median, magnitudes[magnitudes.count - 1] * 1e-100)
  }
}
