import GRPCCore
import Hummingbird
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// Access tokens: created, shown once, listed and deleted.
struct TokenPages: Sendable {
  let services: DashboardServices

  var routes: [DashboardRoute] {
    [
      .member(.get, "/dashboard/tokens", list),
      .member(.post, "/dashboard/tokens", create),
      .member(.get, "/dashboard/tokens/:id/delete", confirm),
      .member(.post, "/dashboard/tokens/:id/delete", delete),
    ]
  }

  private func list(_ request: MemberRequest) async throws -> DashboardResponse {
    try await listPage(request, page: request.query["page"], flash: .requested(by: request.query))
  }

  private func create(_ request: MemberRequest) async throws -> DashboardResponse {
    let name = request.form.text("name")
    var message = Temporis_Token_V1_CreateAccessTokenRequest()
    message.name = name
    message.idempotencyKey = request.form["key"]
    do {
      let created = try await services.tokens.createAccessToken(message, metadata: request.metadata)
      return .page(
        .tokenCreated, title: "Access token created", section: .tokens, content: CreatedTokenView(created))
    } catch {
      let refusal = try ServiceError.refusal(in: error, .invalidArgument, .idempotencyKeyReused)
      return try await listPage(request, name: name, errors: FormErrors(refusal, fields: ["name": "name"]))
    }
  }

  private func listPage(
    _ request: MemberRequest, page: String = "", name: String = "", errors: FormErrors? = nil,
    flash: FlashMessage? = nil
  ) async throws -> DashboardResponse {
    var message = Temporis_Token_V1_ListAccessTokensRequest()
    message.pageSize = 50
    message.pageToken = page
    let listed = try await services.tokens.listAccessTokens(message, metadata: request.metadata)
    let view = TokensView(listed, page: page, key: Base62.random(count: 22), name: name, errors: errors)
    return .page(
      .tokens, title: "Access tokens", section: .tokens, status: errors?.status ?? .ok, flash: flash, content: view)
  }

  private func confirm(_ request: MemberRequest) async throws -> DashboardResponse {
    guard let token = try await services.token(try request.parameter("id"), request) else { throw PageError.notFound }
    return .page(.tokenDeletion, title: "Delete an access token", section: .tokens, content: TokenRow(token))
  }

  private func delete(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Token_V1_DeleteAccessTokenRequest()
    message.accessTokenID = try request.parameter("id")
    _ = try await services.tokens.deleteAccessToken(message, metadata: request.metadata)
    return .redirect(to: "/dashboard/tokens", flash: .tokenDeleted)
  }
}

extension DashboardServices {
  /// An access token of the account. `nil`: it has none of this id, or deleted it.
  func token(_ id: String, _ request: MemberRequest) async throws -> Temporis_Token_V1_AccessToken? {
    var message = Temporis_Token_V1_GetAccessTokenRequest()
    message.accessTokenID = id
    do {
      return try await tokens.getAccessToken(message, metadata: request.metadata).accessToken
    } catch {
      _ = try ServiceError.refusal(in: error, .accessTokenNotFound, .invalidArgument)
      return nil
    }
  }
}
