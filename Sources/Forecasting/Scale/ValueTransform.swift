import Glibc

/// The scale on which a channel's paths are fitted.
package enum ValueTransform: Sendable, Equatable {
  case level
  case logarithm
  /// For growth of values that are not all positive: `asinh(y / unit)`.
  case inverseSinh(unit: Double)

  /// For a profile that asks for growth: logarithms where all values are positive.
  static func growth(of values: [Double]) -> ValueTransform {
    values.allSatisfy { $0 > 0 } ? .logarithm : .inverseSinh(unit: unit(of: values))
  }

  func apply(_ values: [Double]) -> [Double] {
    switch self {
    case .level: values
    case .logarithm: values.map { log($0) }
    case .inverseSinh(let unit): values.map { asinh($0 / unit) }
    }
  }

  /// The median magnitude, 1 if that is 0; never so small against the largest that a quotient overflows.
  private static func unit(of values: [Double]) -> Double {
    let magnitudes = values.map(\.magnitude).sorted()
    let median = Quantile.median(magnitudes)
    return median == 0 ? 1 : max(median, magnitudes[magnitudes.count - 1] * 1e-100)
  }
}
