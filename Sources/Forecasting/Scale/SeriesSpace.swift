import Glibc

/// A channel's history, normalised, on a scale that experts work on.
struct SeriesSpace: Sendable {
  let values: [Double]
  let normalisation: Normalisation
  let isLogarithmic: Bool

  /// In logarithms no expert goes beyond e^6 times the largest value seen.
  private static let growthLimit = 6.0

  init(_ values: [Double], isLogarithmic: Bool = false) {
    normalisation = Normalisation(ofSorted: values.sorted())
    self.values = normalisation.apply(values)
    self.isLogarithmic = isLogarithmic
  }

  /// The logarithms of positive values.
  static func logarithm(of values: [Double]) -> SeriesSpace {
    SeriesSpace(values.map { log($0) }, isLogarithmic: true)
  }

  /// Takes paths of this logarithmic space to the units of a level space.
  func toLevel(_ paths: inout [Double], of level: Normalisation) {
    let highest = (values.max() ?? 0) + Self.growthLimit / normalisation.width
    for index in paths.indices {
      paths[index] = (exp(normalisation.undo(min(paths[index], highest))) - level.centre) / level.width
    }
  }
}
