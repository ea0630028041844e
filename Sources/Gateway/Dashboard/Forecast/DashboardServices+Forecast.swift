import GRPCCore
import ServiceKit
import TemporisAPI

extension DashboardServices {
  /// The profiles that a forecast may be drawn of.
  func forecastChoice(faults: FaultLog) async throws -> ForecastChoice {
    var message = Temporis_Predict_V1_ListDataProfilesRequest()
    message.pageSize = Int32(ForecastChoice.limit)
    async let publicProfiles = publicProfiles(limit: Int32(ForecastChoice.limit), faults: faults)
    let listed = try await profiles.listDataProfiles(message)
    return try await ForecastChoice(listed, publicProfiles: publicProfiles)
  }
}

extension PredictionClient {
  /// Draws a forecast. A key that drew one before replays it instead.
  func forecast(
    _ parameters: ForecastParameters, key: ForecastKey, firstSeries: Int, for session: Session
  ) async throws -> DrawnForecast {
    var message = Temporis_Predict_V1_PredictRequest()
    message.dataProfile = parameters.dataProfile
    message.count = parameters.count
    message.temperature = parameters.temperature
    message.topP = parameters.topP
    message.idempotencyKey = key.idempotencyKey(parameters)
    let collector = ForecastCollector(count: Int(parameters.count), firstSeries: firstSeries)
    try await predict(message, authorization: session.authorization) { part in
      try await collector.receive(part)
    }
    return try await collector.finish()
  }
}
