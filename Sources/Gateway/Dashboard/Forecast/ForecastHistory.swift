package import ForecastChart
package import TemporisAPI

/// What a forecast continues, as far as a drawing shows it.
package struct ForecastHistory: Sendable {
  private let step: Int64
  private let points: [String: [HistoryPoint]]

  /// Takes the points of a profile's context. A series that is not whole is left out.
  package init(_ context: Temporis_Predict_V1_GetDataProfileContextResponse) {
    step = context.stepSeconds
    points = Dictionary(context.wholeSeries.map { ($0.name, $0.points) }) { first, _ in first }
  }

  /// The history of a series before a forecast, as far back as that reaches ahead, and drawn as coarsely.
  ///
  /// A forecast that is shown again may be older than the newest rows: what came after it is no history of it.
  package func lines(of series: String, before forecast: DrawnForecast) -> [[HistoryPoint]] {
    let end = forecast.timestamps.last ?? forecast.predictFrom
    let (reach, overflows) = end.subtractingReportingOverflow(forecast.predictFrom)
    let (start, underflows) = forecast.predictFrom.subtractingReportingOverflow(reach)
    guard !overflows, !underflows, start <= forecast.predictFrom else { return [] }
    let earlier = (points[series] ?? []).filter { (start...forecast.predictFrom).contains($0.timestamp) }
    return Array(earlier.suffix(forecast.scope.rowCount)).lines(step: step, stride: forecast.scope.stride)
  }
}
