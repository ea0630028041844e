import FoundationEssentials
package import GRPCCore
import ServiceKit
package import TemporisAPI
import TokenDomain

/// `DataSourceService`: containers of rows, and the way in for rows.
package struct DataSourceHandler: Temporis_Predict_V1_DataSourceService.SimpleServiceProtocol {
  let store: DataSourceStore
  let observations: ObservationStore
  let profiles: DataProfileStore
  let limiter: RateLimiter?
  /// Turns of the accounts for the uploads that take much memory.
  let uploads: FairLimiter<String>
  let maximumFutureDays: Int

  /// Creates an empty data source.
  package func createDataSource(
    request: Temporis_Predict_V1_CreateDataSourceRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_CreateDataSourceResponse {
    let accountID = try Principal.required().accountID
    try ResourceName.validate(request.name)
    let key = try IdempotencyKey.ofCreation(request.idempotencyKey)
    var response = Temporis_Predict_V1_CreateDataSourceResponse()
    response.dataSource = .init(try await store.create(name: request.name, idempotencyKey: key, accountID: accountID))
    return response
  }

  /// Reads a data source by its name.
  package func getDataSource(
    request: Temporis_Predict_V1_GetDataSourceRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_GetDataSourceResponse {
    let accountID = try Principal.required().accountID
    var response = Temporis_Predict_V1_GetDataSourceResponse()
    response.dataSource = .init(try await store.source(named: request.name, accountID: accountID))
    return response
  }

  /// Lists the account's data sources by name.
  package func listDataSources(
    request: Temporis_Predict_V1_ListDataSourcesRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_ListDataSourcesResponse {
    let accountID = try Principal.required().accountID
    let page = try PageRequest(size: request.pageSize, token: request.pageToken)
    let (sources, next) = page.page(try await store.list(page, accountID: accountID), key: \.name)
    var response = Temporis_Predict_V1_ListDataSourcesResponse()
    response.dataSources = sources.map { .init($0) }
    response.nextPageToken = next
    return response
  }

  /// Lists the series that a data source holds, by name.
  package func listSeries(
    request: Temporis_Predict_V1_ListSeriesRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_ListSeriesResponse {
    let accountID = try Principal.required().accountID
    let page = try PageRequest(size: request.pageSize, token: request.pageToken)
    let source = try await store.source(named: request.dataSource, accountID: accountID)
    let (series, next) = page.page(
      try await observations.series(page, sourceID: source.id, accountID: accountID), key: \.name)
    var response = Temporis_Predict_V1_ListSeriesResponse()
    response.series = series.map { .init($0) }
    response.nextPageToken = next
    return response
  }

  /// Stops ingestion.
  package func archiveDataSource(
    request: Temporis_Predict_V1_ArchiveDataSourceRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_ArchiveDataSourceResponse {
    let accountID = try Principal.required().accountID
    var response = Temporis_Predict_V1_ArchiveDataSourceResponse()
    response.dataSource = .init(try await store.setArchived(true, name: request.name, accountID: accountID))
    return response
  }

  /// Resumes ingestion.
  package func unarchiveDataSource(
    request: Temporis_Predict_V1_UnarchiveDataSourceRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_UnarchiveDataSourceResponse {
    let accountID = try Principal.required().accountID
    var response = Temporis_Predict_V1_UnarchiveDataSourceResponse()
    response.dataSource = .init(try await store.setArchived(false, name: request.name, accountID: accountID))
    return response
  }

  /// Deletes a data source, and if asked to the data profiles that read it; its rows are removed in the background.
  package func deleteDataSource(
    request: Temporis_Predict_V1_DeleteDataSourceRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_DeleteDataSourceResponse {
    let accountID = try Principal.required().accountID
    try await store.delete(name: request.name, deletesProfiles: request.force, accountID: accountID)
    return Temporis_Predict_V1_DeleteDataSourceResponse()
  }

  /// Deletes rows, or counts what would be deleted.
  package func deleteRecords(
    request: Temporis_Predict_V1_DeleteRecordsRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_DeleteRecordsResponse {
    let accountID = try Principal.required().accountID
    let source = try await store.source(named: request.dataSource, accountID: accountID)
    let selection = try RecordSelection(request, sourceID: source.id, accountID: accountID)
    var response = Temporis_Predict_V1_DeleteRecordsResponse()
    response.dataProfiles = try await profiles.names(reading: selection)
    response.deletedRecords =
      request.validateOnly ? try await observations.count(selection) : try await observations.delete(selection)
    return response
  }

  /// Stores all rows of a call, or none: the checks of the rows come before those of the source.
  package func ingest(
    request: RPCAsyncSequence<Temporis_Predict_V1_IngestRequest, any Error>, context: ServerContext
  ) async throws -> Temporis_Predict_V1_IngestResponse {
    let accountID = try Principal.required().accountID
    try limiter?.admit(accountID)
    let validation = RecordValidation(
      now: Int64(Date().timeIntervalSince1970), maximumFutureDays: maximumFutureDays)
    let upload = try await IngestUpload(reading: request, validation: validation) {
      try await uploads.share(of: 1, for: accountID)
    }
    let (source, share) = (upload.dataSource, upload.share)
    defer { withExtendedLifetime(share) {} }
    let rows = try await upload.rows()
    try await observations.store(rows, source: source, accountID: accountID)
    var response = Temporis_Predict_V1_IngestResponse()
    response.storedRecords = Int64(rows.count)
    return response
  }
}
