import Forecasting
import ServiceKit
import TemporisAPI

/// Answers predictions, each billed exactly once before it is answered.
struct Predictor: Sendable {
  /// The account whose profiles are public; nil: there are none.
  let operatorAccount: String?
  let price: Int64
  let cards: PaymentMethodStore
  let profiles: DataProfileStore
  let observations: ObservationStore
  let readiness: ReadinessCheck
  let ledger: BillingLedger
  let engine: any PredictionEngine
  let pool: EnginePool
  let budget: AnswerBudget
  let keys: KeyQueue

  /// The answer: drawn and billed, or, for a key that was answered before, that of then.
  ///
  /// - Throws: `ServiceError`; what is not answered is not billed.
  func answer(
    _ parameters: PredictionParameters, for principal: Principal
  ) async throws -> Answer {
    guard let idempotencyKey = parameters.idempotencyKey else {
      let (prediction, share) = try await draw(parameters, for: principal)
      try Task.checkCancellation()
      try await ledger.record(prediction.bill, by: parameters.chargeDeadline)
      return Answer(messages: prediction.messages, share: share)
    }
    let key = KeyQueue.Key(accountID: principal.accountID, idempotencyKey: idempotencyKey)
    return try await keys.withKey(key) {
      if let answer = try await ledger.answer(to: key) { return try answer.replay(for: parameters, within: budget) }
      let (prediction, share) = try await draw(parameters, for: principal)
      try Task.checkCancellation()
      if try await ledger.record(prediction, of: parameters, under: key) {
        return Answer(messages: prediction.messages, share: share)
      }
      // Another replica answered under this key meanwhile, or an attempt of this one that seemed to be lost.
      guard let answer = try await ledger.answer(to: key) else { throw ServiceError(.unavailable) }
      return try answer.replay(for: parameters, within: budget)
    }
  }

  /// Checks in the public API's order, reads the profile's window and runs the engine. Bills nothing.
  private func draw(
    _ parameters: PredictionParameters, for principal: Principal
  ) async throws -> (Prediction, AnswerBudget.Share) {
    switch try await cards.standing(of: principal.accountID) {
    case .noCard: throw ServiceError(.cardMissing)
    case .chargeFailed: throw ServiceError(.paymentFailed)
    case .good: break
    }
    let profile = try await readyProfile(named: parameters.dataProfile, for: principal)
    let settings = profile.settings
    // What one answer may hold in memory: 128 MiB of values.
    let values = parameters.count * settings.horizon * settings.names.count
    guard values <= 1 << 24 else { throw ServiceError(.invalidPredictionParameters) }
    let share = try budget.share(for: values)
    let id = RequestID()
    let forecast = try await pool.run {
      try await window(of: profile)
    } compute: { [engine] window in
      do {
        return try engine.forecast(
          window, settings: settings, count: parameters.count, temperature: parameters.temperature,
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

  private func readyProfile(named name: String, for principal: Principal) async throws -> DataProfile {
    let (accountID, name) = try owner(of: name, for: principal)
    guard let profile = try await profiles.find(name: name, accountID: accountID) else {
      throw ServiceError(.dataProfileNotFound)
    }
    let current = try await readiness.refreshed(profile)
    guard current.isReady else { throw ServiceError(.dataProfileNotReady) }
    return current
  }

  /// Whose profile a name means: `temporis/NAME` is the operator's, any other the caller's.
  private func owner(of name: String, for principal: Principal) throws -> (accountID: String, name: String) {
    let prefix = "temporis/"
    guard name.hasPrefix(prefix) else { return (principal.accountID, name) }
    guard let operatorAccount else { throw ServiceError(.dataProfileNotFound) }
    return (operatorAccount, String(name.dropFirst(prefix.count)))
  }

  private func window(of profile: DataProfile) async throws -> [Observations] {
    let settings = profile.settings
    guard
      let latest = try await observations.latest(
        names: settings.names, sourceID: profile.sourceID, accountID: profile.accountID)
    else { throw ServiceError(.notEnoughData) }
    return try await observations.window(
      of: settings, from: settings.earliestTimestamp(latest: latest), through: latest, sourceID: profile.sourceID,
      accountID: profile.accountID)
  }
}
