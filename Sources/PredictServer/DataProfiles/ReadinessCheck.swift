import Forecasting
import Postgres
import ServiceDatabase

/// Finds out whether profiles have become ready, when somebody looks at them.
///
/// Readiness is judged when a profile is created, read, listed or asked for a prediction, and kept from then on; that a
/// profile isn't ready, until rows of its source change. Nobody can tell that from judging it after each ingest, which
/// would cost every ingest a read of the window of every profile on the source; and a crash between an ingest and its
/// check cannot leave a profile behind.
struct ReadinessCheck: Sendable {
  let observations: ObservationStore
  let profiles: DataProfileStore
  let pool: EnginePool

  /// The profile, ready if there is enough data by now.
  ///
  /// - Parameter accountID: Who asks, and whose turn it is: a public profile is another account's.
  func refreshed(_ profile: DataProfile, for accountID: String) async throws -> DataProfile {
    guard profile.mayHaveBecomeReady else { return profile }
    let settings = profile.settings
    let readiness = try await pool.run(
      for: accountID, values: settings.readinessLength * settings.names.count
    ) {
      try await observations.history(
        of: settings, points: settings.readinessLength, reach: settings.readinessReach, sourceID: profile.sourceID,
        accountID: profile.accountID)
    } compute: { history in
      Readiness(rows: history.onGrid(of: settings), settings: settings)
    }
    guard readiness.isReady else {
      do {
        try await profiles.markChecked(profile)
      } catch let error as PostgresError where error.isTransient {
        // The note only saves judging it once more.
      }
      return profile
    }
    var ready = profile
    ready.isReady = true
    ready.bands = readiness.bands.map { DataProfile.Band(lower: $0.low, upper: $0.high) }
    try await profiles.markReady(ready, bands: ready.bands)
    return ready
  }
}
