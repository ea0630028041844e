import GRPCCore
import GRPCNghttp2Transport
import Logging
import ServiceKit
import TemporisAPI

extension DashboardServices {
  /// One of the account's data profiles.
  /// - Throws: ``PageError/notFound`` when the account has none by that name.
  func profile(_ name: String) async throws -> Temporis_Predict_V1_DataProfile {
    var message = Temporis_Predict_V1_GetDataProfileRequest()
    message.name = name
    do {
      return try await profiles.getDataProfile(message).dataProfile
    } catch {
      // A text that breaks the rule of names is the name of none.
      _ = try ServiceError.refusal(in: error, .dataProfileNotFound, .invalidArgument)
      throw PageError.notFound
    }
  }

  /// The newest points of what the engine would read of a profile. No page waits for them for long.
  func context(
    of profile: String, points: Int32
  ) async throws -> Temporis_Predict_V1_GetDataProfileContextResponse {
    var message = Temporis_Predict_V1_GetDataProfileContextRequest()
    message.name = profile
    message.pointLimit = points
    return try await CallDeadline.within(.seconds(3)) { [message] in
      try await profiles.getDataProfileContext(message)
    }
  }

  /// The first public profiles, by name, and whether these are all; none when nobody tells just now, which keeps no
  /// page from being shown.
  func publicProfiles(
    limit: Int32, faults: FaultLog
  ) async throws -> Temporis_Predict_V1_ListPublicDataProfilesResponse {
    var message = Temporis_Predict_V1_ListPublicDataProfilesRequest()
    message.pageSize = limit
    do {
      return try await profiles.listPublicDataProfiles(message)
    } catch {
      if error is CancellationError || Task.isCancelled { throw error }
      faults.note("The public profiles are not known", kind: "public profiles", error)
      return Temporis_Predict_V1_ListPublicDataProfilesResponse()
    }
  }

  /// The names of the profiles that read a source, among the first thousand.
  func profiles(reading source: String) async throws -> [String] {
    var message = Temporis_Predict_V1_ListDataProfilesRequest()
    message.pageSize = 1_000
    let listed = try await profiles.listDataProfiles(message)
    return listed.dataProfiles.filter { $0.settings.dataSource == source }.map(\.name)
  }

  /// Tells whether a profile can serve, and what is missing, by up to a thousand series of its source.
  func readiness(of profile: Temporis_Predict_V1_DataProfile) async throws -> ProfileReadiness {
    guard !profile.ready else { return ProfileReadiness(profile, rowCounts: [:], isComplete: false) }
    let listed = try await series(of: profile.settings.dataSource, limit: 1_000)
    let rows = Dictionary(listed.series.map { ($0.name, $0.rowCount) }) { first, _ in first }
    return ProfileReadiness(profile, rowCounts: rows, isComplete: listed.nextPageToken.isEmpty)
  }

  /// The sources that a form offers.
  /// - Parameter chosen: The source whose series are named too; empty: the only one.
  func sourceChoice(chosen: String) async throws -> SourceChoice {
    var message = Temporis_Predict_V1_ListDataSourcesRequest()
    message.pageSize = Int32(SourceChoice.limit)
    var choice = SourceChoice(try await sources.listDataSources(message))
    let described = chosen.isEmpty && choice.options.count == 1 ? choice.options[0].value : chosen
    guard !described.isEmpty else { return choice }
    do {
      choice.describe(described, try await series(of: described, limit: 24))
    } catch {
      // Whoever typed the name of a source that does not exist is told beside the field.
      _ = try ServiceError.refusal(in: error, .dataSourceNotFound, .invalidArgument)
    }
    return choice
  }
}
