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

  private func list(_ request: MemberRequest) async throws -> Answer {
    try await listPage(request, page: request.query["page"], notice: .asked(request.query))
  }

  private func create(_ request: MemberRequest) async throws -> Answer {
    let name = request.form.text("name")
    var message = Temporis_Token_V1_CreateAccessTokenRequest()
    message.name = name
    message.idempotencyKey = request.form["key"]
    do {
      let created = try await services.tokens.createAccessToken(
        message, metadata: request.metadata)
      return .page(
        .tokenCreated, title: "Access token created", section: .tokens,
        content: CreatedTokenView(created, origin: request.origin))
    } catch {
      let refusal = try ServiceError.refusal(in: error, .invalidArgument, .idempotencyKeyReused)
      let errors = FormErrors(refusal, fields: ["name": "name"])
      return try await listPage(request, name: name, errors: errors)
    }
  }

  private func listPage(
    _ request: MemberRequest, page: String = "", name: String = "", errors: FormErrors? = nil, notice: Notice? = nil
  ) async throws -> Answer {
    var message = Temporis_Token_V1_ListAccessTokensRequest()
    message.pageSize = 50
    message.pageToken = page
    let answer = try await services.tokens.listAccessTokens(
      message, metadata: request.metadata)
    let view = TokensView(
      answer, isFirstPage: page.isEmpty, key: Base62.random(count: 22), name: name, errors: errors)
    return .page(
      .tokens, title: "Access tokens", section: .tokens, status: errors?.status ?? .ok, notice: notice, content: view)
  }

  private func confirm(_ request: MemberRequest) async throws -> Answer {
    let id = try request.parameter("id")
    let found = try await Pages.first {
      $0.id == id
    } read: { page in
      var message = Temporis_Token_V1_ListAccessTokensRequest()
      message.pageSize = 1_000
      message.pageToken = page
      let answer = try await services.tokens.listAccessTokens(
        message, metadata: request.metadata)
      return (answer.accessTokens, answer.nextPageToken)
    }
    guard let found else { throw PageError.notFound }
    return .page(.tokenDeletion, title: "Delete an access token", section: .tokens, content: TokenRow(found))
  }

  private func delete(_ request: MemberRequest) async throws -> Answer {
    var message = Temporis_Token_V1_DeleteAccessTokenRequest()
    message.accessTokenID = try request.parameter("id")
    _ = try await services.tokens.deleteAccessToken(message, metadata: request.metadata)
    return .redirect(to: "/dashboard/tokens", notice: .tokenDeleted)
  }
}
