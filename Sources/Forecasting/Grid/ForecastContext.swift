/// What the engine reads: the newest stretch of every series on one regular grid.
package struct ForecastContext: Sendable {
  /// Unix seconds of the newest point at which every series has a value; every trajectory steps forward from it.
  ///
  /// It is the newest observation, except where that one is masked (then the newest unmasked one), or where a series
  /// ends earlier than the others or the patch spacing steps over its end (then the newest point that all share).
  package let predictFrom: Int64
  /// One array a series, in the settings' order, oldest first: finite values, all arrays of one length.
  package let channels: [[Double]]

  /// Puts rows on the profile's grid: buckets, means, filling, exclude window, spacing, join, newest points.
  ///
  /// - Parameter observations: one a name, in the order of `settings.names`.
  /// - Throws: `ForecastError` with `notEnoughData` when fewer than `min_patches` patches of points are left.
  package init(observations: [Observations], settings: ForecastSettings) throws(ForecastError) {
    try self.init(rows: GridRows(observations, settings: settings), settings: settings)
  }

  /// Makes a context of rows that are on the profile's grid: filling, exclude window, spacing, join, newest points.
  ///
  /// - Parameter rows: read from `settings.reach` seconds before the anchor on; `nil` for none.
  /// - Throws: `ForecastError` with `notEnoughData` when fewer than `min_patches` patches of points are left.
  package init(rows: GridRows?, settings: ForecastSettings) throws(ForecastError) {
    let grid = JoinedGrid(rows, settings: settings, points: settings.contextLength)
    let (found, needed) = (grid.channels.first?.count ?? 0, settings.minimumContextLength)
    guard let newest = grid.newest, found >= needed else {
      throw ForecastError(
        code: .notEnoughData,
        message: "\(found) usable points where the profile needs \(needed); ingest more recent rows for every series")
    }
    predictFrom = newest
    channels = grid.channels
  }

  /// Takes values that are on a regular grid already.
  ///
  /// - Throws: `ForecastError` with `invalidArgument` for no channel, an empty one, unequal lengths or a value that is
  ///   not finite.
  package init(predictFrom: Int64, channels: [[Double]]) throws(ForecastError) {
    guard let first = channels.first, !first.isEmpty, channels.allSatisfy({ $0.count == first.count }),
      channels.allSatisfy({ $0.allSatisfy(\.isFinite) })
    else {
      throw ForecastError(
        code: .invalidArgument, message: "a context needs channels of one length, not empty, with finite values")
    }
    self.predictFrom = predictFrom
    self.channels = channels
  }
}
