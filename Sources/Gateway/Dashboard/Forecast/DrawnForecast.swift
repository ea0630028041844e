package import ForecastChart
import TemporisAPI

/// A prediction as far as a page shows it, built part by part as it comes.
package struct DrawnForecast: Sendable {
  package let requestID: String
  /// Unix seconds of the last observation.
  package let predictFrom: Int64
  package let scope: ForecastScope
  /// The charge.
  package let cost: ForecastCost
  /// The names of the series shown.
  package let names: [String]
  /// Unix seconds of the rows shown.
  package let timestamps: [Int64]
  /// The number of trajectories that were asked for.
  package let count: Int
  /// The trajectories' losses, in their order.
  package private(set) var losses: [Double] = []
  /// The values shown: trajectory by trajectory, in each series by series, in each row by row.
  private var values: [Double] = []

  /// Begins with the header.
  /// - Throws: ``PredictionEncoder/Inconsistency`` for a header of nothing.
  init(
    _ header: Temporis_Predict_V1_PredictionHeader, count: Int, firstSeries: Int
  ) throws(PredictionEncoder.Inconsistency) {
    guard !header.names.isEmpty, !header.timestamps.isEmpty else {
      throw PredictionEncoder.Inconsistency(description: "a prediction of nothing")
    }
    requestID = header.requestID
    predictFrom = header.predictFrom
    cost = ForecastCost(header)
    self.count = count
    let scope = ForecastScope(
      seriesCount: header.names.count, rowCount: header.timestamps.count, trajectories: count, first: firstSeries)
    self.scope = scope
    names = Array(header.names[scope.series])
    timestamps = scope.rows.map { header.timestamps[$0] }
  }

  /// Takes a trajectory.
  /// - Throws: ``PredictionEncoder/Inconsistency`` when it has not one finite value for each step and series, or is one
  ///   too many.
  mutating func append(_ trajectory: Temporis_Predict_V1_Trajectory) throws(PredictionEncoder.Inconsistency) {
    guard losses.count < count else { throw PredictionEncoder.Inconsistency(description: "too many trajectories") }
    guard trajectory.values.count == scope.rowCount * scope.seriesCount else {
      throw PredictionEncoder.Inconsistency(description: "\(trajectory.values.count) values in a trajectory")
    }
    guard trajectory.loss.isFinite, trajectory.values.allSatisfy(\.isFinite) else {
      throw PredictionEncoder.Inconsistency(description: "a number that is not finite")
    }
    losses.append(trajectory.loss)
    for series in scope.series {
      for row in scope.rows { values.append(trajectory.values[row * scope.seriesCount + series]) }
    }
  }

  /// Whether every trajectory has come.
  package var isComplete: Bool { losses.count == count }

  /// The trajectory with the least loss, the first of several.
  package var typical: Int {
    losses.indices.min { losses[$0] < losses[$1] } ?? 0
  }

  /// A trajectory's values of one of the series shown.
  package func path(_ trajectory: Int, series: Int) -> ArraySlice<Double> {
    let start = (trajectory * names.count + series) * timestamps.count
    return values[start..<start + timestamps.count]
  }

  /// The quantiles of one of the series shown, row by row.
  package func quantiles(series: Int) -> [Quantiles] {
    timestamps.indices.map { row in
      Quantiles(losses.indices.lazy.map { values[($0 * names.count + series) * timestamps.count + row] })
    }
  }
}
