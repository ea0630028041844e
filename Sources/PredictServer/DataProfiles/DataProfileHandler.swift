package import GRPCCore
import ServiceKit
package import TemporisAPI

/// `DataProfileService`: the recipes that read data sources.
package struct DataProfileHandler: Temporis_Predict_V1_DataProfileService.SimpleServiceProtocol {
  let store: DataProfileStore
  let sources: DataSourceStore
  let readiness: ReadinessCheck
  let edge: ServiceEdge

  /// Creates a data profile, ready at once where the source holds enough data.
  package func createDataProfile(
    request: Temporis_Predict_V1_CreateDataProfileRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_CreateDataProfileResponse {
    try await edge.run {
      let accountID = try Principal.required().accountID
      try ResourceName.validate(request.name)
      let key = try IdempotencyKey.ofCreation(request.idempotencyKey)
      let settings = try request.settings.forecastSettings()
      let source = request.settings.dataSource
      guard try await sources.exists(name: source, accountID: accountID) else {
        throw ServiceError(.dataSourceNotFound)
      }
      let profile = try await store.create(
        name: request.name, settings: settings, source: source, idempotencyKey: key, accountID: accountID)
      var response = Temporis_Predict_V1_CreateDataProfileResponse()
      response.dataProfile = try await refreshed(profile).message
      return response
    }
  }

  /// Reads a data profile by its name.
  package func getDataProfile(
    request: Temporis_Predict_V1_GetDataProfileRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_GetDataProfileResponse {
    try await edge.run {
      let accountID = try Principal.required().accountID
      guard let profile = try await store.find(name: request.name, accountID: accountID) else {
        throw ServiceError(.dataProfileNotFound)
      }
      var response = Temporis_Predict_V1_GetDataProfileResponse()
      response.dataProfile = try await refreshed(profile).message
      return response
    }
  }

  /// Lists the account's data profiles by name.
  package func listDataProfiles(
    request: Temporis_Predict_V1_ListDataProfilesRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_ListDataProfilesResponse {
    try await edge.run {
      let accountID = try Principal.required().accountID
      let page = try PageRequest(size: request.pageSize, token: request.pageToken)
      let (profiles, next) = page.page(try await store.list(page, accountID: accountID), key: \.name)
      var response = Temporis_Predict_V1_ListDataProfilesResponse()
      for profile in profiles { response.dataProfiles.append(try await refreshed(profile).message) }
      response.nextPageToken = next
      return response
    }
  }

  /// Deletes a data profile.
  package func deleteDataProfile(
    request: Temporis_Predict_V1_DeleteDataProfileRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_DeleteDataProfileResponse {
    try await edge.run {
      try await store.delete(name: request.name, accountID: try Principal.required().accountID)
      return Temporis_Predict_V1_DeleteDataProfileResponse()
    }
  }

  private func refreshed(_ profile: DataProfile) async throws -> DataProfile {
    try await withCallCancellation { [readiness] in try await readiness.refreshed(profile) }
  }
}
