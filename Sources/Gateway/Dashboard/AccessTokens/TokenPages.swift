import GRPCCore
import GRPCNghttp2Transport
import Hummingbird
import Logging
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// Access tokens: created, shown once, listed, looked into, changed, rotated, disabled and deleted.
struct TokenPages: Sendable {
  let faults: FaultLog

  var routes: [DashboardRoute] {
    [
      .member(.get, "/dashboard/tokens") { request in try await listPage(request) },
      .member(.post, "/dashboard/tokens", create),
      .member(.get, "/dashboard/tokens/:id") { request in try await page(request) },
      .member(.post, "/dashboard/tokens/:id/rename", rename),
      .member(.post, "/dashboard/tokens/:id/permissions", changePermissions),
      .member(.get, "/dashboard/tokens/:id/rotate") { request in try await rotationPage(request) },
      .member(.post, "/dashboard/tokens/:id/rotate", rotate),
      .member(.get, "/dashboard/tokens/:id/disable", confirmDisabling),
      .member(.post, "/dashboard/tokens/:id/disable", disable),
      .member(.post, "/dashboard/tokens/:id/enable", enable),
      .member(.get, "/dashboard/tokens/:id/delete", confirmDeletion),
      .member(.post, "/dashboard/tokens/:id/delete", delete),
    ]
  }

  private func listPage(
    _ request: MemberRequest, form: TokenForm = TokenForm(), errors: FormErrors? = nil
  ) async throws -> DashboardResponse {
    let listed = try await request.services.tokens.listAccessTokens(request.listing())
    let view = TokensView(
      listed, page: request.pageToken, now: request.now, key: Base62.random(count: 22), form: form, errors: errors)
    return .page(
      .tokens, title: "Access tokens", section: .tokens, status: errors?.status ?? .ok, content: view)
  }

  private func create(_ request: MemberRequest) async throws -> DashboardResponse {
    let form = TokenForm(request.form)
    do {
      var message = try form.message()
      message.idempotencyKey = request.form["key"]
      let created = try await request.services.tokens.createAccessToken(message)
      if created.secretAlreadyShown { return secretShown(created.accessToken, request, isRotation: false) }
      let view = SecretView(created.accessToken, secret: created.secret, now: request.now)
      return .page(.tokenCreated, title: "Access token created", section: .tokens, content: view)
    } catch {
      let errors = try FormErrors.reading(error, .invalidArgument, .idempotencyKeyReused, fields: form.fields)
      return try await listPage(request, form: form, errors: errors)
    }
  }

  /// The answer to a form that was sent again, after it had made a secret.
  func secretShown(
    _ token: Temporis_Token_V1_AccessToken, _ request: MemberRequest, isRotation: Bool
  ) -> DashboardResponse {
    let view = SecretShownView(token: TokenRow(token, now: request.now), isRotation: isRotation)
    let title = isRotation ? "Access token rotated before" : "Access token created before"
    return .page(.secretShown, title: title, section: .tokens, content: view)
  }

  /// The page of one token.
  func page(
    _ request: MemberRequest, form: TokenChangeForm? = nil, errors: FormErrors? = nil
  ) async throws -> DashboardResponse {
    async let usage = self.usage(request)
    let token = try await request.token()
    let view = try await TokenView(
      token, usage: usage, now: request.now, form: form ?? TokenChangeForm(token), errors: errors)
    return .page(.token, title: token.name, section: .tokens, status: errors?.status ?? .ok, content: view)
  }

  /// The use of a token in the last 24 hours. `nil`: nobody tells, which keeps no one from stopping a token.
  func usage(_ request: MemberRequest) async throws -> Temporis_Billing_V1_GetCredentialUsageResponse? {
    var message = Temporis_Billing_V1_GetCredentialUsageRequest()
    message.credentialID = try request.parameter("id")
    do {
      return try await CallDeadline.within(.seconds(2)) { [message] in
        try await request.services.billing.getCredentialUsage(message)
      }
    } catch {
      try noteFault(error, "The use of an access token is not known")
      return nil
    }
  }

  /// Notes an error that is a fault.
  /// - Throws: The error itself when it is none.
  func noteFault(_ error: any Error, _ event: Logger.Message) throws {
    try faults.noteFault(error, event, kind: "tokens", page: "/dashboard/tokens/:id")
  }
}
