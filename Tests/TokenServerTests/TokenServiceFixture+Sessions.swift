import GRPCCore
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain
import TokenServer

extension TokenServiceFixture {
  /// Signs in, and returns the secret and for whom it acts.
  func session(_ email: String, from client: String? = nil) async throws -> (secret: String, principal: Principal) {
    let secret = try await signIn(email, from: client).secret
    return (secret, try await principal(secret: secret))
  }

  func listSessions(
    for principal: Principal, size: Int32 = 0, page: String = ""
  ) async throws -> Temporis_Token_V1_ListSessionsResponse {
    var request = Temporis_Token_V1_ListSessionsRequest()
    request.pageSize = size
    request.pageToken = page
    return try await Principal.$current.withValue(principal) {
      try await accounts.listSessions(request: request, context: .test)
    }
  }

  /// Ends the session with this id.
  func endSession(_ id: String, for principal: Principal) async throws {
    var request = Temporis_Token_V1_DeleteSessionRequest()
    request.sessionID = id
    _ = try await Principal.$current.withValue(principal) {
      try await accounts.deleteSession(request: request, context: .test)
    }
  }

  func endSessions(keepingCurrent: Bool, for principal: Principal) async throws {
    var request = Temporis_Token_V1_DeleteSessionsRequest()
    request.keepCurrent = keepingCurrent
    _ = try await Principal.$current.withValue(principal) {
      try await accounts.deleteSessions(request: request, context: .test)
    }
  }

  /// Changes a password, from this IP address if one is given.
  func changePassword(
    from current: String = password, to new: String, for principal: Principal, client: String? = nil
  ) async throws {
    var request = Temporis_Token_V1_ChangePasswordRequest()
    request.currentPassword = current
    request.newPassword = new
    _ = try await Principal.$current.withValue(principal) {
      try await ClientAddress.$current.withValue(client.flatMap(ClientAddress.init(_:))) {
        try await accounts.changePassword(request: request, context: .test)
      }
    }
  }
}
