import GRPCCore
import Hummingbird
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// Data profiles: listed, looked into, created, changed and deleted.
struct ProfilePages: Sendable {
  let services: DashboardServices

  var routes: [DashboardRoute] {
    [
      .member(.get, "/dashboard/profiles", list),
      .member(.get, "/dashboard/profiles/:name", show),
      // Not below the list: `new` is a profile's name as good as any.
      .member(.get, "/dashboard/new-profile", newForm),
      .member(.post, "/dashboard/new-profile", create),
      .member(.get, "/dashboard/profiles/:name/edit", editForm),
      .member(.post, "/dashboard/profiles/:name/edit", update),
      .member(.get, "/dashboard/profiles/:name/delete", confirmDeletion),
      .member(.post, "/dashboard/profiles/:name/delete", delete),
    ]
  }

  private func list(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Predict_V1_ListDataProfilesRequest()
    message.pageSize = 50
    message.pageToken = request.query["page"]
    let listed = try await services.profiles.listDataProfiles(message, metadata: request.metadata)
    return .page(
      .profiles, title: "Data profiles", section: .profiles, flash: .requested(by: request.query),
      content: ProfilesView(listed, page: message.pageToken))
  }

  private func show(_ request: MemberRequest) async throws -> DashboardResponse {
    let profile = try await services.profile(try request.parameter("name"), request)
    let readiness = try await services.readiness(of: profile, request)
    return .page(
      .profile, title: profile.name, section: .profiles, flash: .requested(by: request.query),
      content: ProfileView(profile, readiness: readiness))
  }

  private func confirmDeletion(_ request: MemberRequest) async throws -> DashboardResponse {
    let profile = try await services.profile(try request.parameter("name"), request)
    return .page(
      .profileDeletion, title: "Delete a data profile", section: .profiles, content: ProfileRow(profile))
  }

  private func delete(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Predict_V1_DeleteDataProfileRequest()
    message.name = try request.parameter("name")
    _ = try await services.profiles.deleteDataProfile(message, metadata: request.metadata)
    return .redirect(to: "/dashboard/profiles", flash: .profileDeleted)
  }
}
