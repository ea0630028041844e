import FoundationEssentials
import GRPCCore
import Hummingbird
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// Data sources: created, looked into, archived and deleted.
struct SourcePages: Sendable {
  let services: DashboardServices

  var routes: [DashboardRoute] {
    [
      .member(.get, "/dashboard/sources") { request in
        try await listPage(request, page: request.query["page"], flash: .requested(by: request.query))
      },
      .member(.post, "/dashboard/sources", create),
      .member(.get, "/dashboard/sources/:name", show),
      .member(.post, "/dashboard/sources/:name/archive", archive),
      .member(.post, "/dashboard/sources/:name/unarchive", unarchive),
      .member(.get, "/dashboard/sources/:name/delete-rows", chooseRows),
      .member(.post, "/dashboard/sources/:name/delete-rows", deleteRows),
      .member(.get, "/dashboard/sources/:name/delete", confirmDeletion),
      .member(.post, "/dashboard/sources/:name/delete", delete),
    ]
  }

  private func listPage(
    _ request: MemberRequest, page: String = "", name: String = "", errors: FormErrors? = nil,
    flash: FlashMessage? = nil
  ) async throws -> DashboardResponse {
    var message = Temporis_Predict_V1_ListDataSourcesRequest()
    message.pageSize = 50
    message.pageToken = page
    let listed = try await services.sources.listDataSources(message, metadata: request.metadata)
    let view = SourcesView(listed, page: page, key: Base62.random(count: 22), name: name, errors: errors)
    return .page(
      .sources, title: "Data sources", section: .sources, status: errors?.status ?? .ok, flash: flash, content: view)
  }

  private func create(_ request: MemberRequest) async throws -> DashboardResponse {
    let name = request.form.text("name")
    var message = Temporis_Predict_V1_CreateDataSourceRequest()
    message.name = name
    message.idempotencyKey = request.form["key"]
    do {
      _ = try await services.sources.createDataSource(message, metadata: request.metadata)
    } catch {
      let refusal = try ServiceError.refusal(
        in: error, .invalidArgument, .dataSourceExists, .idempotencyKeyReused)
      let errors = FormErrors(refusal, fields: ["name": "name"], reasons: [.dataSourceExists: "name"])
      return try await listPage(request, name: name, errors: errors)
    }
    return .redirect(to: SourceRow.path(of: name), flash: .sourceCreated)
  }

  private func show(_ request: MemberRequest) async throws -> DashboardResponse {
    let name = try request.parameter("name")
    let page = request.query["page"]
    async let source = services.source(name, request)
    async let series = services.series(of: name, limit: 50, page: page, request)
    let view = try await SourceView(
      source, series, origin: request.origin, now: Int64(Date.now.timeIntervalSince1970), page: page)
    return .page(.source, title: name, section: .sources, flash: .requested(by: request.query), content: view)
  }

  private func archive(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Predict_V1_ArchiveDataSourceRequest()
    message.name = try request.parameter("name")
    _ = try await services.sources.archiveDataSource(message, metadata: request.metadata)
    return .redirect(to: SourceRow.path(of: message.name), flash: .sourceArchived)
  }

  private func unarchive(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Predict_V1_UnarchiveDataSourceRequest()
    message.name = try request.parameter("name")
    _ = try await services.sources.unarchiveDataSource(message, metadata: request.metadata)
    return .redirect(to: SourceRow.path(of: message.name), flash: .sourceUnarchived)
  }
}

extension DashboardServices {
  /// One of the account's data sources.
  /// - Throws: ``PageError/notFound`` when the account has none by that name.
  func source(_ name: String, _ request: MemberRequest) async throws -> Temporis_Predict_V1_DataSource {
    var message = Temporis_Predict_V1_GetDataSourceRequest()
    message.name = name
    do {
      return try await sources.getDataSource(message, metadata: request.metadata).dataSource
    } catch {
      // A text that breaks the rule of names is the name of none.
      _ = try ServiceError.refusal(in: error, .dataSourceNotFound, .invalidArgument)
      throw PageError.notFound
    }
  }

  /// A page of a source's series, by name.
  func series(
    of source: String, limit: Int32, page: String = "", _ request: MemberRequest
  ) async throws -> Temporis_Predict_V1_ListSeriesResponse {
    var message = Temporis_Predict_V1_ListSeriesRequest()
    message.dataSource = source
    message.pageSize = limit
    message.pageToken = page
    return try await sources.listSeries(message, metadata: request.metadata)
  }
}
