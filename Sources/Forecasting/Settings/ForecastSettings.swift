/// The recipe by which a data profile turns rows into a forecast.
///
/// A value of this type has passed every limit, so the engine trusts it. Source: the public API's table of settings.
package struct ForecastSettings: Sendable, Hashable {
  /// The series, in the order of the answer's fields: 1 to 64 of them, all different.
  package let names: [String]
  /// Grid bucket in seconds, 1 to 31,556,952.
  package let interval: Int64
  /// Points in one patch, 1 to 256.
  package let patchLength: Int
  /// Stride between the grid points used, 1 to 1,000.
  package let patchSpacing: Int
  /// Most patches of history read as context, 1 to 512.
  package let numPatches: Int
  /// Fewest patches needed to serve, 1 to `numPatches`.
  package let minPatches: Int
  /// Longest run of empty buckets that is filled forward, 0 to 10,000.
  package let fillLimit: Int
  /// Whether growth from point to point is modelled instead of the level.
  package let usesDiffs: Bool
  /// Recurring time of day that is neither read nor forecast.
  package let excludeWindow: ExcludeWindow?
  /// Patches to forecast, 1 to 8; nil takes an eighth of `numPatches`, within the same limits.
  package let horizonPatches: Int?

  /// Checks every limit.
  ///
  /// - Parameter minPatches: nil means 4, or `numPatches` where that is less.
  /// - Throws: `ForecastError` with `invalidSettings` and all settings that are out of range.
  package init(
    names: [String], interval: Int64, patchLength: Int = 16, patchSpacing: Int = 1, numPatches: Int = 32,
    minPatches: Int? = nil, fillLimit: Int = 2, usesDiffs: Bool = false, excludeWindow: ExcludeWindow? = nil,
    horizonPatches: Int? = nil
  ) throws(ForecastError) {
    let mostPatches = (1...512).contains(numPatches) ? numPatches : 512
    let violations: [SettingViolation] = [
      Self.violation(names: names),
      Self.violation("interval", interval, outside: 1...31_556_952, unit: " seconds"),
      Self.violation("patch_len", patchLength, outside: 1...256),
      Self.violation("patch_spacing", patchSpacing, outside: 1...1_000),
      Self.violation("num_patches", numPatches, outside: 1...512),
      minPatches.flatMap { Self.violation("min_patches", $0, outside: 1...mostPatches) },
      Self.violation("fill_limit", fillLimit, outside: 0...10_000),
      horizonPatches.flatMap { Self.violation("horizon_patches", $0, outside: 1...8) },
    ].compactMap(\.self)
    guard violations.isEmpty else { throw ForecastError(violations) }
    self.names = names
    self.interval = interval
    self.patchLength = patchLength
    self.patchSpacing = patchSpacing
    self.numPatches = numPatches
    self.minPatches = minPatches ?? min(4, numPatches)
    self.fillLimit = fillLimit
    self.usesDiffs = usesDiffs
    self.excludeWindow = excludeWindow
    self.horizonPatches = horizonPatches
  }

  /// Seconds from one forecast row to the next, before the exclude window is stepped over.
  package var step: Int64 { interval * Int64(patchSpacing) }

  /// Patches in one trajectory.
  var effectiveHorizonPatches: Int { horizonPatches ?? min(max(numPatches / 8, 1), 8) }

  /// Rows in one trajectory.
  package var horizon: Int { effectiveHorizonPatches * patchLength }

  /// Most points of context.
  package var contextLength: Int { numPatches * patchLength }

  /// Most points that readiness is judged on.
  package var readinessLength: Int { max(contextLength, readyLength) }

  /// Fewest points of context.
  package var minimumContextLength: Int { minPatches * patchLength }

  /// Usable points that make a profile ready.
  package var readyLength: Int { max(3, minimumContextLength) }

  /// Metered tokens of a prediction: every trajectory generates the whole horizon of every series.
  package func modelTokens(count: Int) -> Int64 {
    Int64(count) * Int64(horizon) * Int64(names.count)
  }
}
