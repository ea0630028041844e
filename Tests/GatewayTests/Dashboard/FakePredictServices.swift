import GRPCCore
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// Data sources as they were put there.
struct FakeSources: Temporis_Predict_V1_DataSourceService.SimpleServiceProtocol {
  let services: FakeServices

  func createDataSource(
    request: Temporis_Predict_V1_CreateDataSourceRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_CreateDataSourceResponse {
    guard request.name.allSatisfy({ $0.isLowercase || $0 == "_" }), !request.name.isEmpty else {
      throw ServiceError(violating: "name", "must be 1 to 48 characters: a lowercase letter, then lowercase letters")
    }
    guard !services.with({ $0.sources.contains { $0.name == request.name } }) else {
      throw ServiceError(.dataSourceExists)
    }
    return Temporis_Predict_V1_CreateDataSourceResponse()
  }

  func getDataSource(
    request: Temporis_Predict_V1_GetDataSourceRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_GetDataSourceResponse {
    guard let source = services.with({ $0.sources.first { $0.name == request.name } }) else {
      throw ServiceError(.dataSourceNotFound)
    }
    return .with { $0.dataSource = source }
  }

  func deleteDataSource(
    request: Temporis_Predict_V1_DeleteDataSourceRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_DeleteDataSourceResponse {
    let refusal: ServiceError.Reason? = services.with { state in
      guard state.sources.contains(where: { $0.name == request.name }) else { return .dataSourceNotFound }
      let isInUse = state.profiles.contains { $0.settings.dataSource == request.name }
      guard request.force || !isInUse else { return .dataSourceInUse }
      state.profiles.removeAll { $0.settings.dataSource == request.name }
      state.sources.removeAll { $0.name == request.name }
      return nil
    }
    if let refusal { throw ServiceError(refusal) }
    return Temporis_Predict_V1_DeleteDataSourceResponse()
  }

  func deleteRecords(
    request: Temporis_Predict_V1_DeleteRecordsRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_DeleteRecordsResponse {
    services.with { state in
      let isMeant = { (series: Temporis_Predict_V1_Series) in request.series.isEmpty || series.name == request.series }
      let rows = state.series.filter(isMeant).reduce(0) { $0 + $1.rowCount }
      let readers = rows == 0 ? [] : state.profiles.map(\.name)
      if !request.validateOnly {
        state.deletions.append(request)
        state.series.removeAll(where: isMeant)
      }
      return .with {
        $0.deletedRecords = rows
        $0.dataProfiles = readers
      }
    }
  }

  func listDataSources(
    request: Temporis_Predict_V1_ListDataSourcesRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_ListDataSourcesResponse {
    let sources = services.with { $0.sources }
    return .with { $0.dataSources = sources }
  }

  func listSeries(
    request: Temporis_Predict_V1_ListSeriesRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_ListSeriesResponse {
    let (isKnown, series) = services.with { state in
      (state.sources.contains { $0.name == request.dataSource }, state.series)
    }
    guard isKnown else { throw ServiceError(.dataSourceNotFound) }
    return .with { $0.series = series }
  }

  func archiveDataSource(
    request: Temporis_Predict_V1_ArchiveDataSourceRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_ArchiveDataSourceResponse {
    Temporis_Predict_V1_ArchiveDataSourceResponse()
  }

  func unarchiveDataSource(
    request: Temporis_Predict_V1_UnarchiveDataSourceRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_UnarchiveDataSourceResponse {
    Temporis_Predict_V1_UnarchiveDataSourceResponse()
  }

  func ingest(
    request: RPCAsyncSequence<Temporis_Predict_V1_IngestRequest, any Error>, context: ServerContext
  ) async throws -> Temporis_Predict_V1_IngestResponse {
    Temporis_Predict_V1_IngestResponse()
  }
}

/// Data profiles as they were put there.
struct FakeProfiles: Temporis_Predict_V1_DataProfileService.SimpleServiceProtocol {
  let services: FakeServices

  func createDataProfile(
    request: Temporis_Predict_V1_CreateDataProfileRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_CreateDataProfileResponse {
    Temporis_Predict_V1_CreateDataProfileResponse()
  }

  func getDataProfile(
    request: Temporis_Predict_V1_GetDataProfileRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_GetDataProfileResponse {
    guard let profile = services.with({ $0.profiles.first { $0.name == request.name } }) else {
      throw ServiceError(.dataProfileNotFound)
    }
    return .with { $0.dataProfile = profile }
  }

  func listDataProfiles(
    request: Temporis_Predict_V1_ListDataProfilesRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_ListDataProfilesResponse {
    let profiles = services.with { $0.profiles }
    return .with { $0.dataProfiles = profiles }
  }

  func updateDataProfile(
    request: Temporis_Predict_V1_UpdateDataProfileRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_UpdateDataProfileResponse {
    Temporis_Predict_V1_UpdateDataProfileResponse()
  }

  func deleteDataProfile(
    request: Temporis_Predict_V1_DeleteDataProfileRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_DeleteDataProfileResponse {
    Temporis_Predict_V1_DeleteDataProfileResponse()
  }

  func getDataProfileContext(
    request: Temporis_Predict_V1_GetDataProfileContextRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_GetDataProfileContextResponse {
    services.with { state in
      state.contextLimits.append(request.pointLimit)
      return state.context
    }
  }

  func listPublicDataProfiles(
    request: Temporis_Predict_V1_ListPublicDataProfilesRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_ListPublicDataProfilesResponse {
    let profiles = services.with { $0.publicProfiles }
    return .with { $0.publicDataProfiles = profiles }
  }

  func publishDataProfile(
    request: Temporis_Predict_V1_PublishDataProfileRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_PublishDataProfileResponse {
    let isKnown = services.with { state in
      for index in state.profiles.indices where state.profiles[index].name == request.name {
        state.profiles[index].published = true
        return true
      }
      return false
    }
    guard isKnown else { throw ServiceError(.dataProfileNotFound) }
    return Temporis_Predict_V1_PublishDataProfileResponse()
  }

  func unpublishDataProfile(
    request: Temporis_Predict_V1_UnpublishDataProfileRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_UnpublishDataProfileResponse {
    services.with { state in
      for index in state.profiles.indices { state.profiles[index].published = false }
    }
    return Temporis_Predict_V1_UnpublishDataProfileResponse()
  }
}

/// The card and the charges as they were put there.
struct FakeBilling: Temporis_Billing_V1_BillingService.SimpleServiceProtocol {
  let services: FakeServices

  func getPaymentMethod(
    request: Temporis_Billing_V1_GetPaymentMethodRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_GetPaymentMethodResponse {
    guard let card = services.with({ $0.card }) else { throw ServiceError(.paymentMethodNotFound) }
    return .with { $0.paymentMethod = card }
  }

  func setPaymentMethod(
    request: Temporis_Billing_V1_SetPaymentMethodRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_SetPaymentMethodResponse {
    guard request.paymentMethodReference.hasPrefix("pm_") else { throw ServiceError(.paymentMethodUnknown) }
    return Temporis_Billing_V1_SetPaymentMethodResponse()
  }

  func removePaymentMethod(
    request: Temporis_Billing_V1_RemovePaymentMethodRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_RemovePaymentMethodResponse {
    Temporis_Billing_V1_RemovePaymentMethodResponse()
  }

  func getUsage(
    request: Temporis_Billing_V1_GetUsageRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_GetUsageResponse {
    let (cost, price) = services.with { ($0.nanoDollars, $0.priceNanoDollars) }
    return .with {
      $0.priceNanoDollars = price
      $0.predictions = 4
      $0.modelTokens = 1_234_567
      $0.nanoDollars = cost
    }
  }

  func getCredentialUsage(
    request: Temporis_Billing_V1_GetCredentialUsageRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_GetCredentialUsageResponse {
    services.with { $0.credentialUsage }
  }

  func getCharge(
    request: Temporis_Billing_V1_GetChargeRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_GetChargeResponse {
    throw ServiceError(.chargeNotFound)
  }

  func listCharges(
    request: Temporis_Billing_V1_ListChargesRequest, context: ServerContext
  ) async throws -> Temporis_Billing_V1_ListChargesResponse {
    let charges = services.with { $0.charges }
    return .with { $0.charges = charges }
  }
}
