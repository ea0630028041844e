extension FanChart {
  /// The content of a drawing.
  package struct Content: Sendable {
    /// The series.
    package let name: String
    /// Unix seconds of the last observation.
    package let predictFrom: Int64
    /// Unix seconds of each row.
    package let timestamps: [Int64]
    /// One each row.
    package let quantiles: [Quantiles]
    /// Some trajectories, each with a value for every row.
    package let paths: [[Double]]
    /// The trajectory of the least loss; empty where it is not drawn.
    package let typical: [Double]
    /// The number of trajectories that the quantiles are of.
    package let count: Int
    /// Observations, each run of them a line: from before the forecast on, and where they are known up to its end.
    package let history: [[HistoryPoint]]

    /// Names what is drawn.
    package init(
      name: String, predictFrom: Int64, timestamps: [Int64], quantiles: [Quantiles], paths: [[Double]],
      typical: [Double], count: Int, history: [[HistoryPoint]] = []
    ) {
      self.name = name
      self.predictFrom = predictFrom
      self.timestamps = timestamps
      self.quantiles = quantiles
      self.paths = paths
      self.typical = typical
      self.count = count
      self.history = history.filter { !$0.isEmpty }
    }

    /// All quantiles and nearly all observations, and of the others and of the trajectories what lies within half as
    /// much again: a single wild one shall not flatten the rest.
    var range: (low: Double, high: Double) {
      let observed = history.joined().map(\.value).filter(\.isFinite).sorted()
      // One in fifty at either end may be wild, and one in any case.
      let wild = (observed.count + 49) / 50
      let usual = observed.dropFirst(wild).dropLast(wild)
      let low = min(quantiles.lazy.map(\.p10).min() ?? 0, usual.first ?? .infinity)
      let high = max(quantiles.lazy.map(\.p90).max() ?? 0, usual.last ?? -.infinity)
      // Halved, so that the difference of two numbers as far apart as can be is one.
      let margin = high / 2 - low / 2
      let (floor, ceiling) = (Self.clamped(low - margin), Self.clamped(high + margin))
      let drawn = (paths + [typical]).lazy.joined().filter(\.isFinite)
      let (least, most) = (
        min(drawn.min() ?? low, observed.first ?? low), max(drawn.max() ?? high, observed.last ?? high)
      )
      return (max(floor, min(low, least)), min(ceiling, max(high, most)))
    }

    private static func clamped(_ value: Double) -> Double {
      min(max(value, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
    }
  }
}
