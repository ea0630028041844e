import GRPCCore
import ServiceKit
import TemporisAPI

extension DashboardServices {
  /// One of the account's data profiles.
  /// - Throws: ``PageError/notFound`` when the account has none by that name.
  func profile(_ name: String, _ request: MemberRequest) async throws -> Temporis_Predict_V1_DataProfile {
    var message = Temporis_Predict_V1_GetDataProfileRequest()
    message.name = name
    do {
      return try await profiles.getDataProfile(message, metadata: request.metadata)
        .dataProfile
    } catch {
      _ = try ServiceError.refusal(in: error, .dataProfileNotFound)
      throw PageError.notFound
    }
  }

  /// What a profile's readiness is, and what is missing. A source of more than a thousand series is not read to its
  /// end.
  func readiness(
    of profile: Temporis_Predict_V1_DataProfile, _ request: MemberRequest
  ) async throws -> ProfileReadiness {
    guard !profile.ready else { return ProfileReadiness(profile, rowCounts: [:], isComplete: false) }
    let answer = try await series(of: profile.settings.dataSource, limit: 1_000, request)
    let rows = Dictionary(answer.series.map { ($0.name, $0.rowCount) }) { first, _ in first }
    return ProfileReadiness(profile, rowCounts: rows, isComplete: answer.nextPageToken.isEmpty)
  }

  /// The first series of a source, by name.
  func series(
    of source: String, limit: Int32, _ request: MemberRequest
  ) async throws -> Temporis_Predict_V1_ListSeriesResponse {
    var message = Temporis_Predict_V1_ListSeriesRequest()
    message.dataSource = source
    message.pageSize = limit
    return try await sources.listSeries(message, metadata: request.metadata)
  }

  /// The sources that a form offers.
  /// - Parameter chosen: The source whose series are named too; empty: the only one.
  func sourceChoice(chosen: String, _ request: MemberRequest) async throws -> SourceChoice {
    var message = Temporis_Predict_V1_ListDataSourcesRequest()
    message.pageSize = Int32(SourceChoice.limit)
    let answer = try await sources.listDataSources(message, metadata: request.metadata)
    var choice = SourceChoice(answer)
    let described = chosen.isEmpty && choice.options.count == 1 ? choice.options[0].value : chosen
    guard !described.isEmpty else { return choice }
    do {
      choice.describe(described, try await series(of: described, limit: 24, request))
    } catch {
      // Whoever typed the name of a source that does not exist is told beside the field.
      _ = try ServiceError.refusal(in: error, .dataSourceNotFound, .invalidArgument)
    }
    return choice
  }
}
