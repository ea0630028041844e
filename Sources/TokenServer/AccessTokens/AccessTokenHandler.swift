package import GRPCCore
import ServiceKit
package import TemporisAPI
import TokenDomain

/// Serves the access tokens of the caller's account.
package struct AccessTokenHandler: Temporis_Token_V1_AccessTokenService.SimpleServiceProtocol {
  let store: TokenStore

  /// Creates the handler.
  package init(store: TokenStore) {
    self.store = store
  }

  package func createAccessToken(
    request: Temporis_Token_V1_CreateAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_CreateAccessTokenResponse {
    let (record, secret) = try await store.createAccessToken(NewAccessToken(request), for: try Principal.required())
    var response = Temporis_Token_V1_CreateAccessTokenResponse()
    response.accessToken = Temporis_Token_V1_AccessToken(record)
    response.secret = secret?.revealed ?? ""
    response.secretAlreadyShown = secret == nil
    return response
  }

  package func getAccessToken(
    request: Temporis_Token_V1_GetAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_GetAccessTokenResponse {
    let record = try await store.accessToken(request.accessTokenID, of: try Principal.required().accountID)
    var response = Temporis_Token_V1_GetAccessTokenResponse()
    response.accessToken = Temporis_Token_V1_AccessToken(record)
    return response
  }

  package func listAccessTokens(
    request: Temporis_Token_V1_ListAccessTokensRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_ListAccessTokensResponse {
    let page = try await store.accessTokens(
      of: try Principal.required().accountID, page: try PageRequest(size: request.pageSize, token: request.pageToken))
    var response = Temporis_Token_V1_ListAccessTokensResponse()
    response.accessTokens = page.items.map { Temporis_Token_V1_AccessToken($0) }
    response.nextPageToken = page.nextToken
    return response
  }
}
