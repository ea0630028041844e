import FoundationEssentials
import GRPCCore
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// One account with one password.
struct FakeAccounts: Temporis_Token_V1_AccountService.SimpleServiceProtocol {
  let services: FakeServices

  func createAccount(
    request: Temporis_Token_V1_CreateAccountRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_CreateAccountResponse {
    guard request.password.utf8.count >= 8 else {
      throw ServiceError(violating: "password", "must be 8 to 256 bytes long")
    }
    guard request.email != services.with({ $0.email }) else { throw ServiceError(.accountExists) }
    return Temporis_Token_V1_CreateAccountResponse()
  }

  func getAccount(
    request: Temporis_Token_V1_GetAccountRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_GetAccountResponse {
    let email = services.with { $0.email }
    return .with { $0.account.email = email }
  }

  func createSession(
    request: Temporis_Token_V1_CreateSessionRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_CreateSessionResponse {
    guard request.password == FakeServices.password else { throw ServiceError(.signInFailed) }
    return .with {
      $0.secret = services.session
      $0.expireTime = Google_Protobuf_Timestamp(date: Date(timeIntervalSinceNow: 3_600))
    }
  }

  func deleteSession(
    request: Temporis_Token_V1_DeleteSessionRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_DeleteSessionResponse {
    Temporis_Token_V1_DeleteSessionResponse()
  }
}

/// Access tokens, with the rules of the real ones where the pages depend on them.
struct FakeTokens: Temporis_Token_V1_AccessTokenService.SimpleServiceProtocol {
  let services: FakeServices

  func createAccessToken(
    request: Temporis_Token_V1_CreateAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_CreateAccessTokenResponse {
    guard !request.name.isEmpty else {
      throw ServiceError(violating: "name", "must be 1 to 100 characters without control characters")
    }
    return services.with { state in
      let isNew = state.keys.insert(request.idempotencyKey).inserted
      var token = Temporis_Token_V1_AccessToken()
      token.id = "tok_0123456789012345678901"
      token.name = request.name
      token.lastFour = "wxyz"
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
    guard let token = services.with({ $0.tokens.first { $0.id == request.accessTokenID } }) else {
      throw ServiceError(.accessTokenNotFound)
    }
    return .with { $0.accessToken = token }
  }

  func listAccessTokens(
    request: Temporis_Token_V1_ListAccessTokensRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_ListAccessTokensResponse {
    let tokens = services.with { $0.tokens }
    return .with { $0.accessTokens = tokens }
  }

  func deleteAccessToken(
    request: Temporis_Token_V1_DeleteAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_DeleteAccessTokenResponse {
    let isKnown = services.with { state in
      let count = state.tokens.count
      state.tokens.removeAll { $0.id == request.accessTokenID }
      return state.tokens.count < count
    }
    guard isKnown else { throw ServiceError(.accessTokenNotFound) }
    return Temporis_Token_V1_DeleteAccessTokenResponse()
  }
}
