import GRPCCore
import Hummingbird
import ServiceKit
import TemporisAPI

/// The audit records of the account, a page at a time.
struct ActivityPage: Sendable {
  var routes: [DashboardRoute] {
    [.member(.get, "/dashboard/activity", show)]
  }

  private func show(_ request: MemberRequest) async throws -> DashboardResponse {
    let listed = try await request.services.accounts.listAuditRecords(request.listing(limit: 25))
    let names = try await request.services.tokenNames(listed.auditRecords.flatMap { [$0.actorID, $0.subjectID] })
    let view = ActivityView(listed, tokenNames: names, page: request.pageToken)
    return .page(.activity, title: "Activity", section: .activity, content: view)
  }
}
