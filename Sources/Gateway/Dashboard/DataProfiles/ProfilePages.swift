import GRPCCore
import Hummingbird
import Logging
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// Data profiles: listed, looked into, created, changed and deleted.
struct ProfilePages: Sendable {
  let faults: FaultLog

  var routes: [DashboardRoute] {
    [
      .member(.get, "/dashboard/profiles", list),
      .member(.get, "/dashboard/profiles/:name", show),
      // Not below the list: `new` is a profile's name as good as any.
      .member(.get, "/dashboard/new-profile", newForm),
      .member(.post, "/dashboard/new-profile", create),
      .member(.get, "/dashboard/profiles/:name/edit", editForm),
      .member(.post, "/dashboard/profiles/:name/edit", update),
      .member(.post, "/dashboard/profiles/:name/publish", publish),
      .member(.post, "/dashboard/profiles/:name/unpublish", unpublish),
      .member(.get, "/dashboard/profiles/:name/delete", confirmDeletion),
      .member(.post, "/dashboard/profiles/:name/delete", delete),
    ]
  }

  private func list(_ request: MemberRequest) async throws -> DashboardResponse {
    async let listed = request.services.profiles.listDataProfiles(request.listing())
    // Above the first page of the account's own.
    let publicProfiles =
      request.pageToken.isEmpty
      ? try await request.services.publicProfiles(limit: 100, faults: faults)
      : Temporis_Predict_V1_ListPublicDataProfilesResponse()
    let view = try await ProfilesView(listed, page: request.pageToken, publicProfiles: publicProfiles)
    return .page(.profiles, title: "Data profiles", section: .profiles, content: view)
  }

  private func show(_ request: MemberRequest) async throws -> DashboardResponse {
    let profile = try await request.services.profile(try request.parameter("name"))
    async let context = self.context(of: profile.name, request)
    let readiness = try await request.services.readiness(of: profile)
    let view = try await ProfileView(profile, readiness: readiness, context: context)
    return .page(.profile, title: profile.name, section: .profiles, content: view)
  }

  /// What the model would read. `nil`: nobody tells just now, which keeps no one from seeing the rest of the page.
  private func context(of profile: String, _ request: MemberRequest) async throws -> ContextView? {
    do {
      return ContextView(try await request.services.context(of: profile, points: ContextView.pointLimit))
    } catch {
      if error is CancellationError || Task.isCancelled { throw error }
      faults.note(
        "What a profile reads is not known", kind: "context", error, metadata: ["page": "/dashboard/profiles/:name"])
      return nil
    }
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
