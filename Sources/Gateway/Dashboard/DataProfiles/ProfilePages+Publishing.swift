import GRPCCore
import Hummingbird
import SwiftProtobuf
import TemporisAPI

/// What the operator does with its own profiles, and nobody else can: the service refuses all others.
extension ProfilePages {
  func publish(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Predict_V1_PublishDataProfileRequest()
    message.name = try request.parameter("name")
    _ = try await request.services.profiles.publishDataProfile(message)
    return .redirect(to: ProfileRow.path(of: message.name), flash: .profilePublished)
  }

  func unpublish(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Predict_V1_UnpublishDataProfileRequest()
    message.name = try request.parameter("name")
    _ = try await request.services.profiles.unpublishDataProfile(message)
    return .redirect(to: ProfileRow.path(of: message.name), flash: .profileUnpublished)
  }
}
