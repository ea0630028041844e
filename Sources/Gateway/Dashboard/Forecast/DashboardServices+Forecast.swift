import GRPCCore
import ServiceKit
import TemporisAPI

extension DashboardServices {
  /// The profiles that a forecast may be drawn of.
  func forecastChoice(_ request: MemberRequest) async throws -> ForecastChoice {
    var message = Temporis_Predict_V1_ListDataProfilesRequest()
    message.pageSize = Int32(ForecastChoice.limit)
    return ForecastChoice(
      try await profiles.listDataProfiles(message, metadata: request.metadata))
  }

  /// The account's newest charges.
  func newestCharges(_ limit: Int32, _ request: MemberRequest) async throws -> [Temporis_Billing_V1_Charge] {
    var message = Temporis_Billing_V1_ListChargesRequest()
    message.pageSize = limit
    return try await billing.listCharges(message, metadata: request.metadata).charges
  }

  /// The price of a model token in nano-dollars, as far as it can be told: that of the last charge.
  func tokenPrice(_ request: MemberRequest) async throws -> Int64 {
    try await newestCharges(1, request).first?.priceNanoDollars ?? ForecastCost.standardPrice
  }

  /// What a forecast was charged. Nil: it cannot be found just now, and the forecast is there all the same.
  func charge(of requestID: String, _ request: MemberRequest) async -> ForecastCost? {
    // One that a reload shows again may lie behind later ones.
    let charges = try? await newestCharges(200, request)
    return charges?.first { $0.requestID == requestID }
      .map { ForecastCost(tokens: $0.modelTokens, price: $0.priceNanoDollars) }
  }

  /// Draws a forecast, or is answered the one that the key drew before.
  func forecast(
    _ parameters: ForecastParameters, key: ForecastKey, firstSeries: Int, _ request: MemberRequest
  ) async throws -> ForecastAnswer {
    var message = Temporis_Predict_V1_PredictRequest()
    message.dataProfile = parameters.dataProfile
    message.count = parameters.count
    message.temperature = parameters.temperature
    message.topP = parameters.topP
    message.idempotencyKey = key.idempotencyKey(parameters)
    let collector = ForecastCollector(count: Int(parameters.count), firstSeries: firstSeries)
    try await predictions.predict(message, authorization: request.session.authorization) { part in
      try await collector.receive(part)
    }
    return try await collector.finish()
  }
}
