import FoundationEssentials
import GRPCCore
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// Access tokens, with the rules of the real ones where the pages depend on them.
struct FakeTokens: Temporis_Token_V1_AccessTokenService.SimpleServiceProtocol {
  /// When each change held everywhere.
  static let receipt = Temporis_Token_V1_RevocationReceipt.with {
    $0.revision = 42
    $0.duration = Google_Protobuf_Duration(seconds: 0, nanos: 11_500_000)
    $0.confirmations = 3
  }

  let services: FakeServices

  func createAccessToken(
    request: Temporis_Token_V1_CreateAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_CreateAccessTokenResponse {
    try check(name: request.name, "name")
    return services.with { state in
      let isNew = state.keys.insert(request.idempotencyKey).inserted
      var token = Temporis_Token_V1_AccessToken()
      token.id = "tok_0123456789012345678901"
      token.name = request.name
      token.lastFour = "wxyz"
      token.permissions = request.permissions
      if request.hasLifetime { token.expireTime = .now(plus: request.lifetime.seconds) }
      if isNew { state.tokens.append(token) }
      return .with {
        $0.accessToken = token
        $0.secret = isNew ? Secret(kind: .accessToken).revealed : ""
        $0.secretAlreadyShown = !isNew
      }
    }
  }

  func getAccessToken(
    request: Temporis_Token_V1_GetAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_GetAccessTokenResponse {
    let token = try change(request.accessTokenID) { _ in }
    return .with { $0.accessToken = token }
  }

  func listAccessTokens(
    request: Temporis_Token_V1_ListAccessTokensRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_ListAccessTokensResponse {
    let tokens = services.with { $0.tokens }
    return .with { $0.accessTokens = tokens }
  }

  func updateAccessToken(
    request: Temporis_Token_V1_UpdateAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_UpdateAccessTokenResponse {
    let paths = request.updateMask.paths
    if paths == ["name"] { try check(name: request.accessToken.name, "access_token.name") }
    let token = try change(request.accessToken.id) { token in
      if paths == ["name"] { token.name = request.accessToken.name }
      if paths == ["permissions"] { token.permissions = request.accessToken.permissions }
    }
    return .with {
      $0.accessToken = token
      if paths != ["name"] { $0.receipt = Self.receipt }
    }
  }

  func rotateAccessToken(
    request: Temporis_Token_V1_RotateAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_RotateAccessTokenResponse {
    let isNew = services.with { $0.keys.insert(request.idempotencyKey).inserted }
    let secret = Secret(kind: .accessToken)
    let token = try change(request.accessTokenID) { token in
      guard isNew else { return }
      token.lastFour = secret.lastFour
      if request.grace.seconds > 0 { token.previousSecretExpireTime = .now(plus: request.grace.seconds) }
    }
    return .with {
      $0.accessToken = token
      $0.secret = isNew ? secret.revealed : ""
      $0.secretAlreadyShown = !isNew
      $0.receipt = Self.receipt
    }
  }

  func disableAccessToken(
    request: Temporis_Token_V1_DisableAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_DisableAccessTokenResponse {
    let token = try change(request.accessTokenID) { $0.disableTime = .now() }
    return .with {
      $0.accessToken = token
      $0.receipt = Self.receipt
    }
  }

  func enableAccessToken(
    request: Temporis_Token_V1_EnableAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_EnableAccessTokenResponse {
    let token = try change(request.accessTokenID) { $0.clearDisableTime() }
    return .with {
      $0.accessToken = token
      $0.receipt = Self.receipt
    }
  }

  func deleteAccessToken(
    request: Temporis_Token_V1_DeleteAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_DeleteAccessTokenResponse {
    _ = try change(request.accessTokenID) { _ in }
    services.with { $0.tokens.removeAll { $0.id == request.accessTokenID } }
    return .with { $0.receipt = Self.receipt }
  }

  /// Changes a token, and returns it.
  private func change(
    _ id: String, _ body: (inout Temporis_Token_V1_AccessToken) -> Void
  ) throws -> Temporis_Token_V1_AccessToken {
    let token: Temporis_Token_V1_AccessToken? = services.with { state in
      guard let index = state.tokens.firstIndex(where: { $0.id == id }) else { return nil }
      body(&state.tokens[index])
      return state.tokens[index]
    }
    guard let token else { throw ServiceError(.accessTokenNotFound) }
    return token
  }

  private func check(name: String, _ field: String) throws {
    guard !name.isEmpty else {
      throw ServiceError(violating: field, "must be 1 to 100 characters without control characters")
    }
  }
}

extension Google_Protobuf_Timestamp {
  /// The present time, or so many seconds after it.
  static func now(plus seconds: Int64 = 0) -> Google_Protobuf_Timestamp {
    Google_Protobuf_Timestamp(date: Date(timeIntervalSinceNow: Double(seconds)))
  }
}
