import Forecasting
import ServiceKit

/// Reads the history that a forecast of a profile continues, when it is the account's turn at the engine.
struct ContextReading: Sendable {
  /// The most values of all series in an answer, which stays well below a message's 4 MiB.
  private static let valueLimit = 65_536
  private static let defaultPoints = 1_024

  let observations: ObservationStore
  let pool: EnginePool

  /// What the engine would read of a profile now.
  ///
  /// - Parameters:
  ///   - points: The most points of each series that are kept; 0 for the default.
  ///   - accountID: Whose turn it is.
  /// - Throws: `invalidArgument` for a negative limit; `engineBusy` when too many wait, of this account or in all.
  func preview(of profile: DataProfile, points: Int32, for accountID: String) async throws -> ContextPreview {
    guard points >= 0 else { throw ServiceError(violating: "point_limit", "must not be negative") }
    let settings = profile.settings
    let wanted = points == 0 ? Self.defaultPoints : Int(points)
    let limit = min(wanted, Self.valueLimit / settings.names.count)
    return try await pool.run(for: accountID, values: settings.contextLength * settings.names.count) {
      try await observations.history(of: profile)
    } compute: { history in
      ContextPreview(rows: history.onGrid(of: settings), settings: settings, limit: limit)
    }
  }
}

extension ObservationStore {
  /// What a forecast of a profile continues, before it is on the grid.
  func history(of profile: DataProfile) async throws -> History {
    let settings = profile.settings
    return try await history(
      of: settings, points: settings.contextLength, reach: settings.reach, sourceID: profile.sourceID,
      accountID: profile.accountID)
  }
}
