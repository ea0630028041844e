import FoundationEssentials
import GRPCCore
import Hummingbird
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// Data sources: created, looked into, archived.
struct SourcePages: Sendable {
  let services: DashboardServices

  var routes: [DashboardRoute] {
    [
      .member(.get, "/dashboard/sources") { request in
        try await listPage(request, page: request.query["page"])
      },
      .member(.post, "/dashboard/sources", create),
      .member(.get, "/dashboard/sources/:name", show),
      .member(.post, "/dashboard/sources/:name/archive", archive),
      .member(.post, "/dashboard/sources/:name/unarchive", unarchive),
    ]
  }

  private func listPage(
    _ request: MemberRequest, page: String = "", name: String = "", errors: FormErrors? = nil
  ) async throws -> Answer {
    var message = Temporis_Predict_V1_ListDataSourcesRequest()
    message.pageSize = 50
    message.pageToken = page
    let answer = try await services.sources.listDataSources(
      message, metadata: request.metadata)
    let view = SourcesView(
      answer, isFirstPage: page.isEmpty, key: Base62.random(count: 22), name: name, errors: errors)
    return .page(.sources, title: "Data sources", section: .sources, status: errors?.status ?? .ok, content: view)
  }

  private func create(_ request: MemberRequest) async throws -> Answer {
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
    return .redirect(to: SourceRow.path(of: name), notice: .sourceCreated)
  }

  private func show(_ request: MemberRequest) async throws -> Answer {
    let name = try request.parameter("name")
    async let source = self.source(name, request)
    async let series = self.series(of: name, request)
    let view = try await SourceView(
      source, series, origin: request.origin, now: Int64(Date.now.timeIntervalSince1970),
      isFirstPage: request.query["page"].isEmpty)
    return .page(.source, title: name, section: .sources, notice: .asked(request.query), content: view)
  }

  private func archive(_ request: MemberRequest) async throws -> Answer {
    var message = Temporis_Predict_V1_ArchiveDataSourceRequest()
    message.name = try request.parameter("name")
    _ = try await services.sources.archiveDataSource(message, metadata: request.metadata)
    return .redirect(to: SourceRow.path(of: message.name), notice: .sourceArchived)
  }

  private func unarchive(_ request: MemberRequest) async throws -> Answer {
    var message = Temporis_Predict_V1_UnarchiveDataSourceRequest()
    message.name = try request.parameter("name")
    _ = try await services.sources.unarchiveDataSource(message, metadata: request.metadata)
    return .redirect(to: SourceRow.path(of: message.name), notice: .sourceUnarchived)
  }
}

extension SourcePages {
  private func source(_ name: String, _ request: MemberRequest) async throws -> Temporis_Predict_V1_DataSource {
    let found = try await Pages.first {
      $0.name == name
    } read: { page in
      var message = Temporis_Predict_V1_ListDataSourcesRequest()
      message.pageSize = 1_000
      message.pageToken = page
      let answer = try await services.sources.listDataSources(
        message, metadata: request.metadata)
      return (answer.dataSources, answer.nextPageToken)
    }
    guard let found else { throw PageError.notFound }
    return found
  }

  private func series(
    of name: String, _ request: MemberRequest
  ) async throws -> Temporis_Predict_V1_ListSeriesResponse {
    var message = Temporis_Predict_V1_ListSeriesRequest()
    message.dataSource = name
    message.pageSize = 50
    message.pageToken = request.query["page"]
    return try await services.sources.listSeries(message, metadata: request.metadata)
  }
}
