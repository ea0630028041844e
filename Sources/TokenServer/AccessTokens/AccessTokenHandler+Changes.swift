package import GRPCCore
import ServiceKit
package import TemporisAPI
import TokenDomain

extension AccessTokenHandler {
  package func updateAccessToken(
    request: Temporis_Token_V1_UpdateAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_UpdateAccessTokenResponse {
    let (record, receipt) = try await store.updateAccessToken(
      request.accessToken.id, AccessTokenUpdate(request), for: try Principal.required())
    var response = Temporis_Token_V1_UpdateAccessTokenResponse()
    response.accessToken = Temporis_Token_V1_AccessToken(record)
    if let receipt { response.receipt = Temporis_Token_V1_RevocationReceipt(receipt) }
    return response
  }

  package func rotateAccessToken(
    request: Temporis_Token_V1_RotateAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_RotateAccessTokenResponse {
    let (record, secret, receipt) = try await store.rotateAccessToken(
      AccessTokenRotation(request), for: try Principal.required())
    var response = Temporis_Token_V1_RotateAccessTokenResponse()
    response.accessToken = Temporis_Token_V1_AccessToken(record)
    response.secret = secret?.revealed ?? ""
    response.secretAlreadyShown = secret == nil
    response.receipt = Temporis_Token_V1_RevocationReceipt(receipt)
    return response
  }

  package func disableAccessToken(
    request: Temporis_Token_V1_DisableAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_DisableAccessTokenResponse {
    let (record, receipt) = try await store.disableAccessToken(
      request.accessTokenID, for: try Principal.required())
    var response = Temporis_Token_V1_DisableAccessTokenResponse()
    response.accessToken = Temporis_Token_V1_AccessToken(record)
    response.receipt = Temporis_Token_V1_RevocationReceipt(receipt)
    return response
  }

  package func enableAccessToken(
    request: Temporis_Token_V1_EnableAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_EnableAccessTokenResponse {
    let (record, receipt) = try await store.enableAccessToken(
      request.accessTokenID, for: try Principal.required())
    var response = Temporis_Token_V1_EnableAccessTokenResponse()
    response.accessToken = Temporis_Token_V1_AccessToken(record)
    response.receipt = Temporis_Token_V1_RevocationReceipt(receipt)
    return response
  }

  package func deleteAccessToken(
    request: Temporis_Token_V1_DeleteAccessTokenRequest, context: ServerContext
  ) async throws -> Temporis_Token_V1_DeleteAccessTokenResponse {
    let receipt = try await store.deleteAccessToken(request.accessTokenID, for: try Principal.required())
    var response = Temporis_Token_V1_DeleteAccessTokenResponse()
    response.receipt = Temporis_Token_V1_RevocationReceipt(receipt)
    return response
  }
}
