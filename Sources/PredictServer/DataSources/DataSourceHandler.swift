package import GRPCCore
import ServiceKit
package import TemporisAPI

/// `DataSourceService`: containers of rows, and the way in for rows.
package struct DataSourceHandler: Temporis_Predict_V1_DataSourceService.SimpleServiceProtocol {
  let store: DataSourceStore
  let observations: ObservationStore
  let limiter: RateLimiter?
  let edge: ServiceEdge

  /// Creates an empty data source.
  package func createDataSource(
    request: Temporis_Predict_V1_CreateDataSourceRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_CreateDataSourceResponse {
    try await edge.run {
      let accountID = try Principal.required().accountID
      try ResourceName.validate(request.name)
      let key = try IdempotencyKey.ofCreation(request.idempotencyKey)
      var response = Temporis_Predict_V1_CreateDataSourceResponse()
      response.dataSource = try await store.create(
        name: request.name, idempotencyKey: key, accountID: accountID
      ).message
      return response
    }
  }

  /// Lists the account's data sources by name.
  package func listDataSources(
    request: Temporis_Predict_V1_ListDataSourcesRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_ListDataSourcesResponse {
    try await edge.run {
      let accountID = try Principal.required().accountID
      let page = try PageRequest(size: request.pageSize, token: request.pageToken)
      let (sources, next) = page.page(try await store.list(page, accountID: accountID), key: \.name)
      var response = Temporis_Predict_V1_ListDataSourcesResponse()
      response.dataSources = sources.map(\.message)
      response.nextPageToken = next
      return response
    }
  }

  /// Lists the series that a data source holds, by name.
  package func listSeries(
    request: Temporis_Predict_V1_ListSeriesRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_ListSeriesResponse {
    try await edge.run {
      let accountID = try Principal.required().accountID
      let page = try PageRequest(size: request.pageSize, token: request.pageToken)
      guard let source = try await store.find(name: request.dataSource, accountID: accountID) else {
        throw ServiceError(.dataSourceNotFound)
      }
      let (series, next) = page.page(
        try await observations.series(page, sourceID: source.id, accountID: accountID), key: \.name)
      var response = Temporis_Predict_V1_ListSeriesResponse()
      response.series = series.map(\.message)
      response.nextPageToken = next
      return response
    }
  }

  /// Stops ingestion.
  package func archiveDataSource(
    request: Temporis_Predict_V1_ArchiveDataSourceRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_ArchiveDataSourceResponse {
    try await edge.run {
      let accountID = try Principal.required().accountID
      var response = Temporis_Predict_V1_ArchiveDataSourceResponse()
      response.dataSource = try await store.setArchived(true, name: request.name, accountID: accountID).message
      return response
    }
  }

  /// Resumes ingestion.
  package func unarchiveDataSource(
    request: Temporis_Predict_V1_UnarchiveDataSourceRequest, context: ServerContext
  ) async throws -> Temporis_Predict_V1_UnarchiveDataSourceResponse {
    try await edge.run {
      let accountID = try Principal.required().accountID
      var response = Temporis_Predict_V1_UnarchiveDataSourceResponse()
      response.dataSource = try await store.setArchived(false, name: request.name, accountID: accountID).message
      return response
    }
  }

  /// Stores all rows of a call, or none: the checks of the rows come before those of the source.
  package func ingest(
    request: RPCAsyncSequence<Temporis_Predict_V1_IngestRequest, any Error>, context: ServerContext
  ) async throws -> Temporis_Predict_V1_IngestResponse {
    try await edge.run {
      let accountID = try Principal.required().accountID
      try limiter?.admit(accountID)
      let upload = try await IngestUpload(reading: request)
      let rows = try upload.rows()
      try await observations.store(rows, source: upload.dataSource, accountID: accountID)
      var response = Temporis_Predict_V1_IngestResponse()
      response.storedRecords = Int64(rows.count)
      return response
    }
  }
}
