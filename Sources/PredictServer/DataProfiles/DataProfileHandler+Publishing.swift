import Forecasting
package import GRPCCore
import ServiceKit
package import TemporisAPI
import TokenDomain

extension DataProfileHandler {
  /// Lists the public data profiles, for every account.
  package func listPublicDataProfiles(
    request: Temporis_Predict_V1_ListPublicDataProfilesRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_ListPublicDataProfilesResponse {
    let accountID = try Principal.required().accountID
    let page = try PageRequest(size: request.pageSize, token: request.pageToken)
    let (profiles, next) = page.page(try await publicProfiles.list(page), key: \.name)
    var response = Temporis_Predict_V1_ListPublicDataProfilesResponse()
    response.publicDataProfiles = try await judged(profiles, for: accountID).map { .init($0) }
    response.nextPageToken = next
    return response
  }

  /// Makes a data profile of the operator's public.
  package func publishDataProfile(
    request: Temporis_Predict_V1_PublishDataProfileRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_PublishDataProfileResponse {
    let profile = try await publicProfiles.setPublished(true, name: request.name, by: Principal.required())
    var response = Temporis_Predict_V1_PublishDataProfileResponse()
    response.dataProfile = message(of: profile)
    return response
  }

  /// Makes a data profile of the operator's public no longer.
  package func unpublishDataProfile(
    request: Temporis_Predict_V1_UnpublishDataProfileRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_UnpublishDataProfileResponse {
    let profile = try await publicProfiles.setPublished(false, name: request.name, by: Principal.required())
    var response = Temporis_Predict_V1_UnpublishDataProfileResponse()
    response.dataProfile = message(of: profile)
    return response
  }
}

extension Temporis_Predict_V1_PublicDataProfile {
  /// What every account sees of a profile: nothing of the source, the other settings, the statistics and the rows.
  fileprivate init(_ profile: DataProfile) {
    self.init()
    name = PublicProfiles.prefix + profile.name
    names = profile.settings.names
    forecast = Temporis_Predict_V1_ForecastShape(profile.settings)
    ready = profile.isReady
  }
}
