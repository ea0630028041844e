import GRPCCore
import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain
import TokenServer

extension TokenServiceFixture {
  /// Signs in, and returns the secret and for whom it acts.
  func session(
    _ email: String, from client: String? = nil, endingOthers: Bool = false
  ) async throws -> (secret: String, principal: Principal) {
    let secret = try await signIn(email, from: client, endingOthers: endingOthers).secret
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

  /// Adds sessions to an account that nobody has signed in with.
  func insertSessions(_ count: Int, of accountID: String, expiringIn seconds: Int = 3_600) async throws {
    _ = try await owner.execute(
      """
      INSERT INTO token.session (account_id, session_id, expire_time)
      SELECT $1, 'ses_' || lpad(number::text, 22, '0'), now() + $3 * interval '1 second'
      FROM generate_series(1, $2::int8) number
      """, .text(accountID), .int(count), .float8(Double(seconds)))
  }

  /// Changes a password, from this IP address if one is given.
  @discardableResult
  func changePassword(
    from current: String = password, to new: String, for principal: Principal, client: String? = nil
  ) async throws -> Temporis_Token_V1_ChangePasswordResponse {
    var request = Temporis_Token_V1_ChangePasswordRequest()
    request.currentPassword = current
    request.newPassword = new
    return try await Principal.$current.withValue(principal) {
      try await ClientAddress.$current.withValue(client.flatMap(ClientAddress.init(_:))) {
        try await accounts.changePassword(request: request, context: .test)
      }
    }
  }
}
