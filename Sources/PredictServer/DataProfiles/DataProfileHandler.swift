import Crypto
import Forecasting
package import GRPCCore
import Postgres
import ServiceDatabase
import ServiceKit
import SwiftProtobuf
package import TemporisAPI
import TokenDomain

/// `DataProfileService`: the recipes that read data sources.
package struct DataProfileHandler: Temporis_Predict_V1_DataProfileService.SimpleServiceProtocol {
  let store: DataProfileStore
  let sources: DataSourceStore
  let readiness: ReadinessCheck
  let contexts: ContextReading
  let publicProfiles: PublicProfiles
  private static let updateAttempts = 5
  /// The most profiles of a list that are judged anew.
  private static let judgedLimit = 8

  /// Creates a data profile, ready at once where the source holds enough data.
  package func createDataProfile(
    request: Temporis_Predict_V1_CreateDataProfileRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_CreateDataProfileResponse {
    let accountID = try Principal.required().accountID
    try ResourceName.validate(request.name)
    let key = try IdempotencyKey.ofCreation(request.idempotencyKey)
    let settings = try request.settings.forecastSettings()
    let source = request.settings.dataSource
    _ = try await sources.source(named: source, accountID: accountID)
    let profile = try await store.create(
      name: request.name, settings: settings, source: source, idempotencyKey: key,
      requestHash: Self.hash(request.name, settings, source), accountID: accountID)
    var response = Temporis_Predict_V1_CreateDataProfileResponse()
    response.dataProfile = message(of: try await refreshed(profile))
    return response
  }

  /// Reads a data profile by its name.
  package func getDataProfile(
    request: Temporis_Predict_V1_GetDataProfileRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_GetDataProfileResponse {
    let accountID = try Principal.required().accountID
    guard let profile = try await store.find(name: request.name, accountID: accountID) else {
      throw ServiceError(.dataProfileNotFound)
    }
    var response = Temporis_Predict_V1_GetDataProfileResponse()
    response.dataProfile = message(of: try await refreshed(profile))
    return response
  }

  /// Lists the account's data profiles by name, ready or not as they were found when they were last judged.
  package func listDataProfiles(
    request: Temporis_Predict_V1_ListDataProfilesRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_ListDataProfilesResponse {
    let accountID = try Principal.required().accountID
    let page = try PageRequest(size: request.pageSize, token: request.pageToken)
    let (profiles, next) = page.page(try await store.list(page, accountID: accountID), key: \.name)
    var response = Temporis_Predict_V1_ListDataProfilesResponse()
    response.dataProfiles = try await judged(profiles, for: accountID).map(message)
    response.nextPageToken = next
    return response
  }

  /// Changes settings of a data profile.
  package func updateDataProfile(
    request: Temporis_Predict_V1_UpdateDataProfileRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_UpdateDataProfileResponse {
    let accountID = try Principal.required().accountID
    // Somebody else may change the profile in between: then this change is made again from what it is by then.
    for _ in 0..<Self.updateAttempts {
      guard let profile = try await store.find(name: request.name, accountID: accountID) else {
        throw ServiceError(.dataProfileNotFound)
      }
      let merged = try Temporis_Predict_V1_ProfileSettings(profile.settings, dataSource: profile.sourceName)
        .merging(request.settings, mask: request.updateMask)
      let settings = try merged.forecastSettings()
      _ = try await sources.source(named: merged.dataSource, accountID: accountID)
      guard let updated = try await store.update(profile, settings: settings, source: merged.dataSource) else {
        continue
      }
      var response = Temporis_Predict_V1_UpdateDataProfileResponse()
      response.dataProfile = message(of: try await refreshed(updated))
      return response
    }
    throw ServiceError(.unavailable)
  }

  /// Deletes a data profile.
  package func deleteDataProfile(
    request: Temporis_Predict_V1_DeleteDataProfileRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_DeleteDataProfileResponse {
    try await store.delete(name: request.name, accountID: try Principal.required().accountID)
    return Temporis_Predict_V1_DeleteDataProfileResponse()
  }

  /// A profile as its account sees it.
  func message(of profile: DataProfile) -> Temporis_Predict_V1_DataProfile {
    var message = Temporis_Predict_V1_DataProfile(profile)
    message.publishable = publicProfiles.isOperator(profile.accountID)
    // Whoever is the operator no longer has no public profiles.
    message.published = profile.isPublished && message.publishable
    return message
  }

  /// The hash of a creating call, with the defaults filled in: a repeated key is compared by it, since the profile
  /// may have been edited in between.
  private static func hash(_ name: String, _ settings: ForecastSettings, _ source: String) throws -> [UInt8] {
    var request = Temporis_Predict_V1_CreateDataProfileRequest()
    request.name = name
    request.settings = Temporis_Predict_V1_ProfileSettings(settings, dataSource: source)
    return Array(SHA256.hash(data: try request.serializedBytes() as [UInt8]))
  }

  /// Profiles of a list, of which some that may have become ready since they were last judged are judged anew, others
  /// the next time.
  ///
  /// - Parameter accountID: Who asks, and whose turns that takes.
  func judged(_ profiles: [DataProfile], for accountID: String) async throws -> [DataProfile] {
    let chosen = Set(profiles.filter(\.mayHaveBecomeReady).shuffled().prefix(Self.judgedLimit).map(\.id))
    var judged: [DataProfile] = []
    for profile in profiles {
      judged.append(chosen.contains(profile.id) ? try await refreshed(profile, for: accountID) : profile)
    }
    return judged
  }

  /// The profile, ready if there is enough data by now. Where that cannot be found out just now it is shown as it was:
  /// what the call was for has been done.
  private func refreshed(_ profile: DataProfile, for accountID: String? = nil) async throws -> DataProfile {
    do {
      return try await readiness.refreshed(profile, for: accountID ?? profile.accountID)
    } catch let error as ServiceError where [.engineBusy, .rateLimited].contains(error.reason) {
      return profile
    } catch let error as PostgresError where error.isTransient {
      return profile
    }
  }
}
