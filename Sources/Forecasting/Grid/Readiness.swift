/// Whether a profile has seen enough data to serve, and the band that its series move in.
///
/// The band is shown as readiness; the engine normalises on each request's own context.
package struct Readiness: Sendable {
  /// The 1 % and the 99 % quantile of one series' usable points.
  package struct Band: Sendable, Hashable {
    package let low: Double
    package let high: Double
  }

  /// Usable points found, at most as many as are asked for or read as context.
  package let points: Int
  /// Points that make the profile ready: its fewest patches, and at least three points.
  package let required: Int
  /// One a name, in the settings' order; empty when there is no usable point.
  package let bands: [Band]

  package var isReady: Bool { points >= required }

  /// - Parameter observations: one a name, in the order of `settings.names`.
  package init(observations: [Observations], settings: ForecastSettings) {
    self.init(rows: GridRows(observations, settings: settings), settings: settings)
  }

  /// - Parameter rows: read from `settings.readinessReach` seconds before the anchor on; `nil` for none.
  package init(rows: GridRows?, settings: ForecastSettings) {
    required = settings.readyLength
    let grid = JoinedGrid(rows, settings: settings, points: settings.readinessLength)
    points = grid.channels.first?.count ?? 0
    guard points > 0 else {
      bands = []
      return
    }
    bands = grid.channels.map { channel in
      let sorted = channel.sorted()
      return Band(low: Quantile.of(sorted, 0.01), high: Quantile.of(sorted, 0.99))
    }
  }
}
