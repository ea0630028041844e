import GRPCCore
import ServiceKit
import SwiftProtobuf
import TemporisAPI

extension DashboardServices {
  /// An access token of the account. `nil`: it has none of this id, or deleted it.
  func token(_ id: String) async throws -> Temporis_Token_V1_AccessToken? {
    var message = Temporis_Token_V1_GetAccessTokenRequest()
    message.accessTokenID = id
    do {
      return try await tokens.getAccessToken(message).accessToken
    } catch {
      _ = try ServiceError.refusal(in: error, .accessTokenNotFound, .invalidArgument)
      return nil
    }
  }

  /// The names of access tokens by their ids: none for those that are deleted, or are no access tokens.
  func tokenNames(_ credentialIDs: [String]) async throws -> [String: String] {
    try await withThrowingTaskGroup(of: Temporis_Token_V1_AccessToken?.self) { group in
      for id in Set(credentialIDs.filter(TokenRow.isToken)) {
        group.addTask { try await token(id) }
      }
      return try await group.reduce(into: [:]) { names, token in
        if let token { names[token.id] = token.name }
      }
    }
  }
}

extension MemberRequest {
  /// The access token that the path names as `:id`.
  /// - Throws: ``PageError/notFound`` when the account has none of this id.
  func token() async throws -> Temporis_Token_V1_AccessToken {
    guard let token = try await services.token(try parameter("id")) else { throw PageError.notFound }
    return token
  }
}
