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
  /// - Throws: `ForecastError` with `invalidSettings`, naming the first setting that is out of range.
  package init(
    names: [String], interval: Int64, patchLength: Int = 16, patchSpacing: Int = 1, numPatches: Int = 32,
    minPatches: Int? = nil, fillLimit: Int = 2, usesDiffs: Bool = false, excludeWindow: ExcludeWindow? = nil,
    horizonPatches: Int? = nil
  ) throws(ForecastError) {
    try Self.validate(names: names)
    try Self.check("interval", interval, in: 1...31_556_952, unit: " seconds")
    try Self.check("patch_len", patchLength, in: 1...256)
    try Self.check("patch_spacing", patchSpacing, in: 1...1_000)
    try Self.check("num_patches", numPatches, in: 1...512)
    let minPatches = minPatches ?? min(4, numPatches)
    try Self.check("min_patches", minPatches, in: 1...numPatches)
    try Self.check("fill_limit", fillLimit, in: 0...10_000)
    if let horizonPatches { try Self.check("horizon_patches", horizonPatches, in: 1...8) }
    self.names = names
    self.interval = interval
    self.patchLength = patchLength
    self.patchSpacing = patchSpacing
    self.numPatches = numPatches
    self.minPatches = minPatches
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
  var contextLength: Int { numPatches * patchLength }

  /// Fewest points of context.
  var minimumContextLength: Int { minPatches * patchLength }

  /// Usable points that make a profile ready.
  var readyLength: Int { max(32, 2 * patchLength) }

  /// Metered tokens of a prediction: every trajectory generates the whole horizon of every series.
  package func modelTokens(count: Int) -> Int64 {
    Int64(count) * Int64(horizon) * Int64(names.count)
  }
}
