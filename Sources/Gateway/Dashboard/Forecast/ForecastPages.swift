import GRPCCore
import Hummingbird
import Logging
import ServiceKit
import TemporisAPI

/// Forecasts: asked for with a form, and drawn.
struct ForecastPages: Sendable {
  let predictions: any PredictionClient
  let faults: FaultLog

  var routes: [DashboardRoute] {
    [
      .member(.get, "/dashboard/forecast", form),
      .member(.post, "/dashboard/forecast", draw),
    ]
  }

  private func form(_ request: MemberRequest) async throws -> DashboardResponse {
    try await page(request, ForecastForm(request.query), key: ForecastKey(now: request.now))
  }

  private func draw(_ request: MemberRequest) async throws -> DashboardResponse {
    let form = ForecastForm(request.form)
    guard let key = ForecastKey(request.form["key"]), !key.isExpired(now: request.now) else {
      return try await page(request, form, key: ForecastKey(now: request.now), problem: .staleForm)
    }
    let parameters: ForecastParameters
    switch form.parsed {
    case .parameters(let parsed): parameters = parsed
    case .errors(let errors):
      return try await page(request, form, key: key, errors: errors, problem: .fields(errors.count))
    }
    // The other button: what would it cost?
    if request.form.contains("estimate") { return try await page(request, form, key: key) }
    let forecast: DrawnForecast
    do {
      forecast = try await predictions.forecast(
        parameters, key: key, firstSeries: Int(request.form["first"]) ?? 0, for: request.session)
    } catch {
      return try await refusal(error, request, form, key)
    }
    let view = ForecastView(
      forecast, parameters, history: try await history(of: forecast, parameters, request), form: form, key: key,
      origin: request.origin)
    return .page(.drawnForecast, title: "Forecast of \(parameters.dataProfile)", section: .forecast, content: view)
  }

  /// What a forecast continues, read once there is one: it takes the same account's turn. `nil`: it is of a public
  /// profile, whose rows are the operator's, or nobody tells just now, which keeps no forecast from being shown.
  private func history(
    of forecast: DrawnForecast, _ parameters: ForecastParameters, _ request: MemberRequest
  ) async throws -> ForecastHistory? {
    guard !parameters.dataProfile.hasPrefix(ForecastForm.publicPrefix) else { return nil }
    do {
      let points = Int32(clamping: forecast.scope.rowCount)
      return ForecastHistory(try await request.services.context(of: parameters.dataProfile, points: points))
    } catch {
      if error is CancellationError || Task.isCancelled { throw error }
      faults.note(
        "A forecast is drawn without its history", kind: "history", error, metadata: ["page": "/dashboard/forecast"])
      return nil
    }
  }

  /// The form again, with what is wrong.
  /// - Throws: The error itself when the page is not to be shown any more: the session has ended.
  private func refusal(
    _ error: any Error, _ request: MemberRequest, _ form: ForecastForm, _ key: ForecastKey
  ) async throws -> DashboardResponse {
    if error is CancellationError || Task.isCancelled { throw error }
    let refusal = ServiceError(anyOf: error)
    if refusal == nil || refusal?.reason == .unavailable {
      faults.note("A forecast failed", kind: "forecast", error, metadata: ["page": "/dashboard/forecast"])
    }
    guard let refusal else {
      return try await page(request, form, key: key, problem: .failed)
    }
    if refusal.reason == .dataProfileNotFound {
      let text = "There is no profile of this name."
      return try await page(
        request, form, key: key, errors: [form.profileField: text],
        problem: .unknownProfile)
    }
    let choice = try await request.services.forecastChoice(faults: faults)
    let shape = choice.profiles[form.dataProfile]?.forecast
    guard let problem = ForecastProblem(refusal, profile: form.dataProfile, shape: shape) else { throw error }
    let found = FormErrors(refusal, fields: Self.fields)
    var errors: [ForecastForm.Field: String] = [:]
    for field in ForecastForm.Field.allCases { errors[field] = found[field: field.rawValue] }
    // A key that another request has taken is of no use any more.
    let next = refusal.reason == .idempotencyKeyReused ? ForecastKey(now: request.now) : key
    return try await page(request, form, key: next, choice: choice, errors: errors, problem: problem)
  }

  private func page(
    _ request: MemberRequest, _ form: ForecastForm, key: ForecastKey, choice: ForecastChoice? = nil,
    errors: [ForecastForm.Field: String] = [:], problem: ForecastProblem? = nil
  ) async throws -> DashboardResponse {
    async let usage = request.services.usage()
    let profiles = if let choice { choice } else { try await request.services.forecastChoice(faults: faults) }
    var form = form
    if form.dataProfile.isEmpty, problem == nil, let first = profiles.firstReady { form[.profile] = first }
    let view = try await ForecastFormView(
      form, key: key, profiles: profiles, price: usage.priceNanoDollars, errors: errors, problem: problem)
    return .page(
      .forecast, title: "Forecast", section: .forecast, status: problem?.status ?? .ok, content: view)
  }

  /// The fields by the paths that a violation names.
  private static let fields = ["count": "count", "temperature": "temperature", "top_p": "top_p"]
}
