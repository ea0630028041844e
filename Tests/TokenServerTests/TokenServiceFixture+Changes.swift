import GRPCCore
import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain
import TokenServer

extension TokenServiceFixture {
  /// Changes what `paths` names to what the other parameters say.
  @discardableResult
  func updateToken(
    _ id: String, for principal: Principal, _ paths: String..., name: String = "",
    permissions: [Temporis_Token_V1_Permission] = [], expireTime: Google_Protobuf_Timestamp? = nil
  ) async throws -> Temporis_Token_V1_UpdateAccessTokenResponse {
    var request = Temporis_Token_V1_UpdateAccessTokenRequest()
    request.accessToken.id = id
    request.accessToken.name = name
    request.accessToken.permissions = permissions
    if let expireTime { request.accessToken.expireTime = expireTime }
    request.updateMask.paths = paths
    return try await Principal.$current.withValue(principal) {
      try await accessTokens.updateAccessToken(request: request, context: .test)
    }
  }

  /// Rotates a token's secret.
  ///
  /// - Parameter grace: Seconds; `nil` when the request has none.
  @discardableResult
  func rotateToken(
    _ id: String, for principal: Principal, grace: Int64? = nil, nanos: Int32 = 0, key: String = ""
  ) async throws -> Temporis_Token_V1_RotateAccessTokenResponse {
    var request = Temporis_Token_V1_RotateAccessTokenRequest()
    request.accessTokenID = id
    if let grace { request.grace = Google_Protobuf_Duration(seconds: grace, nanos: nanos) }
    request.idempotencyKey = key
    return try await Principal.$current.withValue(principal) {
      try await accessTokens.rotateAccessToken(request: request, context: .test)
    }
  }

  @discardableResult
  func disableToken(
    _ id: String, for principal: Principal
  ) async throws -> Temporis_Token_V1_DisableAccessTokenResponse {
    var request = Temporis_Token_V1_DisableAccessTokenRequest()
    request.accessTokenID = id
    return try await Principal.$current.withValue(principal) {
      try await accessTokens.disableAccessToken(request: request, context: .test)
    }
  }

  @discardableResult
  func enableToken(
    _ id: String, for principal: Principal
  ) async throws -> Temporis_Token_V1_EnableAccessTokenResponse {
    var request = Temporis_Token_V1_EnableAccessTokenRequest()
    request.accessTokenID = id
    return try await Principal.$current.withValue(principal) {
      try await accessTokens.enableAccessToken(request: request, context: .test)
    }
  }

  @discardableResult
  func deleteToken(
    _ id: String, for principal: Principal
  ) async throws -> Temporis_Token_V1_RevocationReceipt {
    var request = Temporis_Token_V1_DeleteAccessTokenRequest()
    request.accessTokenID = id
    return try await Principal.$current.withValue(principal) {
      try await accessTokens.deleteAccessToken(request: request, context: .test).receipt
    }
  }

  func listAudit(
    for principal: Principal, size: Int32 = 0, page: String = ""
  ) async throws -> Temporis_Token_V1_ListAuditRecordsResponse {
    var request = Temporis_Token_V1_ListAuditRecordsRequest()
    request.pageSize = size
    request.pageToken = page
    return try await Principal.$current.withValue(principal) {
      try await accounts.listAuditRecords(request: request, context: .test)
    }
  }

  /// The time of the database so many seconds from now, to the whole second.
  func time(in seconds: Int) async throws -> Google_Protobuf_Timestamp {
    Google_Protobuf_Timestamp(
      seconds: Int64(try await count("SELECT floor(extract(epoch FROM now()))::int8 + $1", .int(seconds))))
  }

  /// What the log says that must be looked up again, oldest first.
  func revoked() async throws -> [String] {
    try await owner.query("SELECT subject FROM token.revocation WHERE revision > 0 ORDER BY revision")
      .map { try $0.decode(0) }
  }
}
