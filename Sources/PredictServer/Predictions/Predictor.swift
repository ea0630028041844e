import Forecasting
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// Answers predictions, each billed exactly once before it is answered.
struct Predictor: Sendable {
  /// The account whose published profiles everybody may ask for. `nil`: there are none.
  let operatorAccount: String?
  /// Nano-dollars per model token.
  let price: Int64
  let profiles: DataProfileStore
  let observations: ObservationStore
  let readiness: ReadinessCheck
  let ledger: BillingLedger
  let engine: any PredictionEngine
  let models: FittedModels
  let pool: EnginePool
  /// Values, 8 bytes each, of the responses that are under way, which they are for as long as their readers like.
  let budget: FairLimiter<String>
  let keys: IdempotencyLock
  let recent = RecentProfiles()

  /// Draws and bills a prediction. An idempotency key that already has a response replays it instead.
  ///
  /// - Throws: `ServiceError`; what is not answered is not billed.
  func respond(to parameters: PredictionParameters, for principal: Principal) async throws -> PredictionResponse {
    guard let idempotencyKey = parameters.idempotencyKey else {
      let (prediction, share) = try await draw(parameters, for: principal)
      try Task.checkCancellation()
      try await ledger.record(prediction.bill, by: parameters.chargeDeadline)
      return PredictionResponse(prediction.messages, share: share)
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
    return PredictionResponse(prediction.messages, share: share)
  }

  /// The response that a key has already. Its share of the memory is taken before it is read.
  private func replay(
    _ key: IdempotencyLock.Key, for parameters: PredictionParameters
  ) async throws -> PredictionResponse? {
    guard let stored = try await ledger.prediction(storedUnder: key) else { return nil }
    guard parameters.asksTheSame(as: stored) else { throw ServiceError(.idempotencyKeyReused) }
    let share = try await budget.share(of: stored.size / MemoryLayout<Double>.size, for: key.accountID)
    guard var messages = try await ledger.messages(of: stored, under: key) else { return nil }
    if let header = messages.first {
      messages[0] = try await completed(header, for: key.accountID)
    }
    return PredictionResponse(stored: messages, share: share)
  }

  /// A stored header that tells what was billed: those of a release before headers did are completed from the charge.
  private func completed(_ header: [UInt8], for accountID: String) async throws -> [UInt8] {
    var message = try Temporis_Predict_V1_PredictResponse(serializedBytes: header)
    guard message.header.modelTokens == 0,
      let charge = try await ledger.charge(requestID: message.header.requestID, accountID: accountID)
    else { return header }
    message.header.modelTokens = charge.modelTokens
    message.header.priceNanoDollars = charge.price
    message.header.nanoDollars = charge.cost
    return try message.serializedBytes()
  }

  /// Checks in the public API's order, reads the profile's history and runs the engine. Bills nothing.
  private func draw(
    _ parameters: PredictionParameters, for principal: Principal
  ) async throws -> (Prediction, FairLimiter<String>.Share) {
    let key = profileKey(of: parameters.dataProfile, for: principal)
    if let known = recent.profile(key), pool.waitingCount == 0,
      let drawn = try await draw(known, under: key, parameters, for: principal)
    {
      return drawn
    }
    let found = try await profile(key)
    let profile = try await readiness.refreshed(found, for: principal.accountID)
    guard profile.isReady else { throw ServiceError(.dataProfileNotReady) }
    let share = try await memory(for: parameters, of: profile.settings, principal)
    let prediction = try await draw(profile, parameters, for: principal) {
      // It may have waited for its turn: what is drawn is of the rows that there are now.
      if models.mayKnow(profile) {
        do {
          return try await material(of: confirmed(profile, under: key))
        } catch is KnownNoLonger {
          // The settings that the caller was told of before it waited are drawn by.
        }
      }
      return .history(try await observations.history(of: profile))
    }
    recent.remember(profile, under: key)
    return (prediction, share)
  }

  /// Draws by a profile as it was a short while ago. Its history is read while it is looked whether it still is so,
  /// which makes one round trip of two; there is no need to read it where a model of it may be at hand.
  ///
  /// - Returns: `nil` when it has changed, or there is no room: the checks come before that is said.
  private func draw(
    _ known: DataProfile, under key: RecentProfiles.Key, _ parameters: PredictionParameters, for principal: Principal
  ) async throws -> (Prediction, FairLimiter<String>.Share)? {
    do {
      let share = try await memory(for: parameters, of: known.settings, principal)
      let prediction = try await draw(known, parameters, for: principal) {
        if models.mayKnow(known) { return try await material(of: confirmed(known, under: key)) }
        async let reading = observations.history(of: known)
        _ = try await confirmed(known, under: key)
        return try await .history(reading)
      }
      return (prediction, share)
    } catch is KnownNoLonger {
      return nil
    } catch let error as ServiceError where [.engineBusy, .invalidPredictionParameters].contains(error.reason) {
      return nil
    }
  }

  private struct KnownNoLonger: Error {}

  /// A profile as it is, if it is as it was a short while ago.
  private func confirmed(_ known: DataProfile, under key: RecentProfiles.Key) async throws -> DataProfile {
    do {
      let found = try await profile(key)
      guard found.isReady, found.id == known.id, found.revision == known.revision else { throw KnownNoLonger() }
      return found
    } catch {
      // Whoever is refused is looked at first the next time.
      recent.forget(key)
      if error is KnownNoLonger || (error as? ServiceError)?.reason == .dataProfileNotFound { models.forget(known) }
      throw error
    }
  }

  /// What a prediction is drawn from.
  private enum Material: Sendable {
    case model(any PredictionModel)
    case history(History)
  }

  private func material(of profile: DataProfile) async throws -> Material {
    if let model = models.model(of: profile) { return .model(model) }
    return .history(try await observations.history(of: profile))
  }

  /// Reads a profile and how the account stands that is to pay, and refuses what can't be.
  private func profile(_ key: RecentProfiles.Key) async throws -> DataProfile {
    let (found, standing) = try await profiles.find(
      name: key.name, accountID: key.accountID, isPublic: key.isPublic, billing: key.payer)
    switch standing {
    case .noCard: throw ServiceError(.cardMissing)
    case .chargeFailed: throw ServiceError(.paymentFailed)
    case .good: break
    }
    guard let found else { throw ServiceError(.dataProfileNotFound) }
    return found
  }

  /// Takes a share of the memory for a response, which holds at most 128 MiB of values.
  private func memory(
    for parameters: PredictionParameters, of settings: ForecastSettings, _ principal: Principal
  ) async throws -> FairLimiter<String>.Share {
    let values = parameters.values(of: settings)
    guard values <= 1 << 24 else { throw ServiceError(.invalidPredictionParameters) }
    return try await budget.share(of: values, for: principal.accountID)
  }

  /// Waits for the engine, loads a profile's model or history, and draws.
  private func draw(
    _ profile: DataProfile, _ parameters: PredictionParameters, for principal: Principal,
    load: () async throws -> Material
  ) async throws -> Prediction {
    let settings = profile.settings
    let id = PredictionID()
    let forecast = try await pool.run(
      for: principal.accountID,
      values: parameters.values(of: settings) + settings.contextLength * settings.names.count
    ) {
      // It may have waited for its turn: what can't be charged any more isn't read, nor drawn.
      try ledger.requireTime(by: parameters.chargeDeadline)
      return try await load()
    } compute: { [engine, models, ledger] material in
      try ledger.requireTime(by: parameters.chargeDeadline)
      do {
        let model: any PredictionModel
        switch material {
        case .model(let kept): model = kept
        case .history(let history):
          guard let rows = history.onGrid(of: settings) else { throw ServiceError(.notEnoughData) }
          model = try engine.fit(rows, settings: settings)
          models.keep(model, of: profile, changes: history.changes, for: principal.accountID)
        }
        return try model.sample(
          count: parameters.count, temperature: parameters.temperature, topP: parameters.topP, seed: id.seed)
      } catch let error as ForecastError {
        throw ServiceError(error) ?? error
      }
    }
    let bill = try BillingRecord(
      principal: principal, requestID: id.text, profileID: profile.id, profileName: parameters.dataProfile,
      modelTokens: forecast.modelTokens, price: price)
    return Prediction(forecast, of: parameters, names: settings.names, bill: bill)
  }

  /// The owner of the profile that a name means: `temporis/NAME` is the operator's, who may be nobody and must have
  /// published it, any other the caller's.
  private func profileKey(of name: String, for principal: Principal) -> RecentProfiles.Key {
    let payer = principal.accountID
    guard let publicName = PublicProfiles.name(in: name) else {
      return RecentProfiles.Key(accountID: payer, name: name, isPublic: false, payer: payer)
    }
    return RecentProfiles.Key(accountID: operatorAccount ?? "", name: publicName, isPublic: true, payer: payer)
  }
}
