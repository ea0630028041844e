import TemporisAPI

/// Takes the parts of a prediction as they come, and keeps what the page shows.
actor ForecastCollector {
  private let count: Int
  private let firstSeries: Int
  private var answer: ForecastAnswer?

  init(count: Int, firstSeries: Int) {
    self.count = count
    self.firstSeries = firstSeries
  }

  /// Takes a part.
  func receive(_ response: Temporis_Predict_V1_PredictResponse) throws {
    switch response.part {
    case .header(let header) where answer == nil:
      answer = try ForecastAnswer(header, count: count, firstSeries: firstSeries)
    case .trajectory(let trajectory) where answer != nil:
      try answer?.append(trajectory)
    default:
      throw PredictionEncoder.Inconsistency(description: "parts out of order")
    }
  }

  /// The answer: all parts have come.
  func finish() throws -> ForecastAnswer {
    guard let answer, answer.isComplete else {
      throw PredictionEncoder.Inconsistency(description: "trajectories are missing")
    }
    return answer
  }
}
