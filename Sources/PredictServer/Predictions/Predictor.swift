import Forecasting
import ServiceKit
package import TemporisAPI
import TokenDomain

/// The messages that answer a prediction, with their share of the memory that all responses may take.
package struct PredictionResponse: Sendable {
  /// The header, then the trajectories.
  package let messages: [Temporis_Predict_V1_PredictResponse]
  let share: FairLimiter<String>.Share
}

/// Answers predictions, each billed exactly once before it is answered.
struct Predictor: Sendable {
  /// The account whose profiles are public. `nil`: there are none.
  let operatorAccount: String?
  /// Nano-dollars per model token.
  let price: Int64
  let profiles: DataProfileStore
  let observations: ObservationStore
  let readiness: ReadinessCheck
  let ledger: BillingLedger
  let engine: any PredictionEngine
  let pool: EnginePool
  /// Values, 8 bytes each, of the responses that are under way, which they are for as long as their readers like.
  let budget: FairLimiter<String>
  let keys: IdempotencyLock

  /// Draws and bills a prediction. An idempotency key that already has a response replays it instead.
  ///
  /// - Throws: `ServiceError`; what is not answered is not billed.
  func respond(to parameters: PredictionParameters, for principal: Principal) async throws -> PredictionResponse {
    guard let idempotencyKey = parameters.idempotencyKey else {
      let (prediction, share) = try await draw(parameters, for: principal)
      try Task.checkCancellation()
      try await ledger.record(prediction.bill, by: parameters.chargeDeadline)
      return PredictionResponse(messages: prediction.messages, share: share)
    }
    let key = IdempotencyLock.Key(accountID: principal.accountID, idempotencyKey: idempotencyKey)
    return try await keys.withKey(key) {
      if let response = try await replay(key, for: parameters) { return response }
      if let response = try await draw(parameters, for: principal, under: key) { return response }
      // Another replica answered under this key meanwhile, or an attempt of this one that seemed to be lost.
      guard let response = try await replay(key, for: parameters) else { throw ServiceError(.unavailable) }
      return response
    }
  }

  /// Draws, and bills under a key; `nil` when that has a response already.
  private func draw(
    _ parameters: PredictionParameters, for principal: Principal, under key: IdempotencyLock.Key
  ) async throws -> PredictionResponse? {
    let (prediction, share) = try await draw(parameters, for: principal)
    try Task.checkCancellation()
    guard try await ledger.record(prediction, of: parameters, under: key) else { return nil }
    return PredictionResponse(messages: prediction.messages, share: share)
  }

  /// The response that a key has already.
  private func replay(
    _ key: IdempotencyLock.Key, for parameters: PredictionParameters
  ) async throws -> PredictionResponse? {
    guard let stored = try await ledger.prediction(storedUnder: key) else { return nil }
    return try await stored.replay(for: parameters, of: key.accountID, within: budget) { requestID in
      try await ledger.charge(requestID: requestID, accountID: key.accountID)
    }
  }

  /// Checks in the public API's order, reads the profile's history and runs the engine. Bills nothing.
  private func draw(
    _ parameters: PredictionParameters, for principal: Principal
  ) async throws -> (Prediction, FairLimiter<String>.Share) {
    let owner = owner(of: parameters.dataProfile, for: principal)
    let (found, standing) = try await profiles.find(
      name: owner.name, accountID: owner.accountID, billing: principal.accountID)
    switch standing {
    case .noCard: throw ServiceError(.cardMissing)
    case .chargeFailed: throw ServiceError(.paymentFailed)
    case .good: break
    }
    guard let found else { throw ServiceError(.dataProfileNotFound) }
    let profile = try await readiness.refreshed(found, for: principal.accountID)
    guard profile.isReady else { throw ServiceError(.dataProfileNotReady) }
    let settings = profile.settings
    // One response holds at most 128 MiB of values in memory.
    let values = parameters.count * settings.horizon * settings.names.count
    guard values <= 1 << 24 else { throw ServiceError(.invalidPredictionParameters) }
    let share = try await budget.share(of: values, for: principal.accountID)
    let id = PredictionID()
    let forecast = try await pool.run(
      for: principal.accountID, values: values + settings.contextLength * settings.names.count
    ) {
      // It may have waited for its turn: what can't be charged any more isn't read, nor drawn.
      try ledger.requireTime(by: parameters.chargeDeadline)
      return try await observations.history(
        of: settings, points: settings.contextLength, reach: settings.reach, sourceID: profile.sourceID,
        accountID: profile.accountID)
    } compute: { [engine, ledger] history in
      try ledger.requireTime(by: parameters.chargeDeadline)
      guard let rows = history.onGrid(of: settings) else { throw ServiceError(.notEnoughData) }
      do {
        return try engine.forecast(
          rows, settings: settings, count: parameters.count, temperature: parameters.temperature,
          topP: parameters.topP, seed: id.seed)
      } catch let error as ForecastError {
        throw ServiceError(error) ?? error
      }
    }
    let bill = try BillingRecord(
      principal: principal, requestID: id.text, profileID: profile.id, profileName: parameters.dataProfile,
      modelTokens: forecast.modelTokens, price: price)
    return (Prediction(forecast, of: parameters, names: settings.names, bill: bill), share)
  }

  /// The owner of the profile that a name means: `temporis/NAME` is the operator's, who may be nobody, any other the
  /// caller's.
  private func owner(of name: String, for principal: Principal) -> (accountID: String, name: String) {
    let prefix = "temporis/"
    guard name.hasPrefix(prefix) else { return (principal.accountID, name) }
    return (operatorAccount ?? "", String(name.dropFirst(prefix.count)))
  }
}
