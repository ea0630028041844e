import PredictServer
import TemporisAPI

extension Account {
  /// The history that a forecast of a profile continues.
  func context(
    _ profile: String = "hourly", limit: Int32 = 0
  ) async throws -> Temporis_Predict_V1_GetDataProfileContextResponse {
    var request = Temporis_Predict_V1_GetDataProfileContextRequest()
    request.name = profile
    request.pointLimit = limit
    return try await call { [request] in
      try await $0.dataProfiles.getDataProfileContext(request: request, context: $1)
    }
  }

  @discardableResult
  func publish(_ profile: String = "hourly") async throws -> Temporis_Predict_V1_DataProfile {
    var request = Temporis_Predict_V1_PublishDataProfileRequest()
    request.name = profile
    return try await call { [request] in
      try await $0.dataProfiles.publishDataProfile(request: request, context: $1).dataProfile
    }
  }

  @discardableResult
  func unpublish(_ profile: String = "hourly") async throws -> Temporis_Predict_V1_DataProfile {
    var request = Temporis_Predict_V1_UnpublishDataProfileRequest()
    request.name = profile
    return try await call { [request] in
      try await $0.dataProfiles.unpublishDataProfile(request: request, context: $1).dataProfile
    }
  }

  /// The public profiles, page by page.
  func publicProfiles(size: Int32 = 0) async throws -> [Temporis_Predict_V1_PublicDataProfile] {
    var profiles: [Temporis_Predict_V1_PublicDataProfile] = []
    var request = Temporis_Predict_V1_ListPublicDataProfilesRequest()
    request.pageSize = size
    repeat {
      let page = try await call { [request] in
        try await $0.dataProfiles.listPublicDataProfiles(request: request, context: $1)
      }
      profiles += page.publicDataProfiles
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    return profiles
  }
}
