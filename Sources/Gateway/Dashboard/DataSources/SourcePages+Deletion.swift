import GRPCCore
import Hummingbird
import ServiceKit
import SwiftProtobuf
import TemporisAPI

extension SourcePages {
  func chooseRows(_ request: MemberRequest) async throws -> DashboardResponse {
    try await rowDeletionPage(request, RowSelection(request.query))
  }

  func deleteRows(_ request: MemberRequest) async throws -> DashboardResponse {
    let selection = RowSelection(request.form)
    let name = try request.parameter("name")
    do {
      let message = try selection.message(dataSource: name)
      _ = try await request.services.sources.deleteRecords(message)
    } catch {
      return try await rowDeletionPage(request, selection, errors: rowErrors(error))
    }
    return .redirect(to: SourceRow.path(of: name), flash: .rowsDeleted)
  }

  /// The page that says which rows would be deleted, and what for.
  private func rowDeletionPage(
    _ request: MemberRequest, _ selection: RowSelection, errors: FormErrors? = nil
  ) async throws -> DashboardResponse {
    let name = try request.parameter("name")
    let source = try await request.services.source(name)
    let series = try await request.services.series(of: name, limit: 100)
    var (errors, preview) = (errors, Temporis_Predict_V1_DeleteRecordsResponse?.none)
    if errors == nil {
      do {
        preview = try await request.services.deletionPreview(selection.message(dataSource: name))
      } catch {
        errors = try rowErrors(error)
      }
    }
    let view = RowDeletionView(source, selection, series: series, preview: preview, errors: errors)
    return .page(
      .rowDeletion, title: "Delete rows of \(name)", section: .sources, status: errors?.status ?? .ok, content: view)
  }

  /// - Throws: The error itself when it is not about the form.
  private func rowErrors(_ error: any Error) throws -> FormErrors {
    try .reading(
      error, .invalidArgument, fields: ["series": "series", "start_timestamp": "start", "end_timestamp": "end"])
  }

  func confirmDeletion(_ request: MemberRequest) async throws -> DashboardResponse {
    try await deletionPage(request)
  }

  func delete(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Predict_V1_DeleteDataSourceRequest()
    message.name = try request.parameter("name")
    message.force = request.form.contains("force")
    do {
      _ = try await request.services.sources.deleteDataSource(message)
    } catch {
      let refusal = try ServiceError.refusal(in: error, .dataSourceInUse)
      return try await deletionPage(request, refusal: refusal)
    }
    return .redirect(to: "/dashboard/sources", flash: .sourceDeleted)
  }

  private func deletionPage(
    _ request: MemberRequest, refusal: ServiceError? = nil
  ) async throws -> DashboardResponse {
    let source = try await request.services.source(try request.parameter("name"))
    var message = Temporis_Predict_V1_DeleteRecordsRequest()
    message.dataSource = source.name
    let view = SourceDeletionView(
      source, rows: try await request.services.deletionPreview(message).deletedRecords,
      profiles: try await request.services.profiles(reading: source.name), problem: refusal?.sentence)
    return .page(
      .sourceDeletion, title: "Delete \(source.name)", section: .sources, status: refusal?.reason.pageStatus ?? .ok,
      content: view)
  }
}

extension DashboardServices {
  /// Counts what a deletion would delete.
  fileprivate func deletionPreview(
    _ message: Temporis_Predict_V1_DeleteRecordsRequest
  ) async throws -> Temporis_Predict_V1_DeleteRecordsResponse {
    var message = message
    message.validateOnly = true
    return try await sources.deleteRecords(message)
  }
}
