import TemporisAPI

/// Takes the parts of a prediction as they come, and keeps what the page shows.
actor ForecastCollector {
  private let count: Int
  private let firstSeries: Int
  private var forecast: DrawnForecast?

  init(count: Int, firstSeries: Int) {
    self.count = count
    self.firstSeries = firstSeries
  }

  /// Takes a part.
  func receive(_ response: Temporis_Predict_V1_PredictResponse) throws {
    switch response.part {
    case .header(let header) where forecast == nil:
      forecast = try DrawnForecast(header, count: count, firstSeries: firstSeries)
    case .trajectory(let trajectory) where forecast != nil:
      try forecast?.append(trajectory)
    default:
      throw PredictionEncoder.Inconsistency(description: "parts out of order")
    }
  }

  /// The forecast, once all parts have come.
  func finish() throws -> DrawnForecast {
    guard let forecast, forecast.isComplete else {
      throw PredictionEncoder.Inconsistency(description: "trajectories are missing")
    }
    return forecast
  }
}
