import GRPCCore
import Hummingbird
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// Data profiles: listed, looked into, created, changed and deleted.
struct ProfilePages: Sendable {
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
    let listed = try await request.services.profiles.listDataProfiles(request.listing())
    return .page(
      .profiles, title: "Data profiles", section: .profiles,
      content: ProfilesView(listed, page: request.pageToken))
  }

  private func show(_ request: MemberRequest) async throws -> DashboardResponse {
    let profile = try await request.services.profile(try request.parameter("name"))
    let readiness = try await request.services.readiness(of: profile)
    return .page(
      .profile, title: profile.name, section: .profiles,
      content: ProfileView(profile, readiness: readiness))
  }

  private func confirmDeletion(_ request: MemberRequest) async throws -> DashboardResponse {
    let profile = try await request.services.profile(try request.parameter("name"))
    return .page(
      .profileDeletion, title: "Delete a data profile", section: .profiles, content: ProfileRow(profile))
  }

  private func delete(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Predict_V1_DeleteDataProfileRequest()
    message.name = try request.parameter("name")
    _ = try await request.services.profiles.deleteDataProfile(message)
    return .redirect(to: "/dashboard/profiles", flash: .profileDeleted)
  }
}
