import GRPCCore
import Hummingbird
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// Data sources: created, looked into, archived and deleted.
struct SourcePages: Sendable {
  var routes: [DashboardRoute] {
    [
      .member(.get, "/dashboard/sources") { request in try await listPage(request) },
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
    _ request: MemberRequest, name: String = "", errors: FormErrors? = nil
  ) async throws -> DashboardResponse {
    let listed = try await request.services.sources.listDataSources(request.listing())
    let view = SourcesView(
      listed, page: request.pageToken, key: Base62.random(count: 22), name: name, errors: errors)
    return .page(
      .sources, title: "Data sources", section: .sources, status: errors?.status ?? .ok, content: view)
  }

  private func create(_ request: MemberRequest) async throws -> DashboardResponse {
    let name = request.form.text("name")
    var message = Temporis_Predict_V1_CreateDataSourceRequest()
    message.name = name
    message.idempotencyKey = request.form["key"]
    do {
      _ = try await request.services.sources.createDataSource(message)
    } catch {
      let refusal = try ServiceError.refusal(
        in: error, .invalidArgument, .dataSourceExists, .idempotencyKeyReused, .quotaExceeded)
      let errors = FormErrors(refusal, fields: ["name": "name"], reasons: [.dataSourceExists: "name"])
      return try await listPage(request, name: name, errors: errors)
    }
    return .redirect(to: SourceRow.path(of: name), flash: .sourceCreated)
  }

  private func show(_ request: MemberRequest) async throws -> DashboardResponse {
    let name = try request.parameter("name")
    async let source = request.services.source(name)
    async let series = request.services.series(of: name, limit: 50, page: request.pageToken)
    let view = try await SourceView(
      source, series, origin: request.origin, now: request.now, page: request.pageToken)
    return .page(.source, title: name, section: .sources, content: view)
  }

  private func archive(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Predict_V1_ArchiveDataSourceRequest()
    message.name = try request.parameter("name")
    _ = try await request.services.sources.archiveDataSource(message)
    return .redirect(to: SourceRow.path(of: message.name), flash: .sourceArchived)
  }

  private func unarchive(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Predict_V1_UnarchiveDataSourceRequest()
    message.name = try request.parameter("name")
    _ = try await request.services.sources.unarchiveDataSource(message)
    return .redirect(to: SourceRow.path(of: message.name), flash: .sourceUnarchived)
  }
}

extension DashboardServices {
  /// One of the account's data sources.
  /// - Throws: ``PageError/notFound`` when the account has none by that name.
  func source(_ name: String) async throws -> Temporis_Predict_V1_DataSource {
    var message = Temporis_Predict_V1_GetDataSourceRequest()
    message.name = name
    do {
      return try await sources.getDataSource(message).dataSource
    } catch {
      // A text that breaks the rule of names is the name of none.
      _ = try ServiceError.refusal(in: error, .dataSourceNotFound, .invalidArgument)
      throw PageError.notFound
    }
  }

  /// A page of a source's series, by name.
  func series(
    of source: String, limit: Int32, page: String = ""
  ) async throws -> Temporis_Predict_V1_ListSeriesResponse {
    var message = Temporis_Predict_V1_ListSeriesRequest()
    message.dataSource = source
    message.pageSize = limit
    message.pageToken = page
    return try await sources.listSeries(message)
  }
}
