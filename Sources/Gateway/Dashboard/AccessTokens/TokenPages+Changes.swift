import GRPCCore
import Hummingbird
import Logging
import ServiceKit
import SwiftProtobuf
import TemporisAPI

extension TokenPages {
  func rename(_ request: MemberRequest) async throws -> DashboardResponse {
    let name = request.form.text("name")
    return try await update(request, "name", flash: .tokenRenamed) { form, token in
      form.name = name
      token.name = name
    }
  }

  func changePermissions(_ request: MemberRequest) async throws -> DashboardResponse {
    let choice = PermissionChoice(request.form)
    return try await update(request, "permissions", flash: .tokenPermitted, errors: choice.errors) { form, token in
      form.permissions = choice
      token.permissions = choice.permissions
    }
  }

  /// Changes one field of a token, and comes back to its page.
  /// - Parameters:
  ///   - errors: What is wrong with the form: then no service is asked.
  ///   - change: Puts the new value into the form that comes back with an error, and into the request.
  private func update(
    _ request: MemberRequest, _ field: String, flash: FlashMessage.Action, errors: [String: String] = [:],
    _ change: (inout TokenChangeForm, inout Temporis_Token_V1_AccessToken) -> Void
  ) async throws -> DashboardResponse {
    let token = try await request.token()
    var form = TokenChangeForm(token)
    var message = Temporis_Token_V1_UpdateAccessTokenRequest()
    message.accessToken.id = token.id
    message.updateMask.paths = [field]
    change(&form, &message.accessToken)
    do {
      guard errors.isEmpty else { throw FormErrors(errors) }
      let updated = try await confirmed { [message] in try await request.services.tokens.updateAccessToken(message) }
      return .redirect(to: TokenRow.path(of: token.id), flash: flash, receipt: ChangeReceipt(updated.receipt))
    } catch {
      let fields = ["access_token.\(field)": field, field: field]
      return try await page(request, form: form, errors: .reading(error, .invalidArgument, fields: fields))
    }
  }

  func confirmDisabling(_ request: MemberRequest) async throws -> DashboardResponse {
    try await stopPage(request, title: "Disable an access token", isDeletion: false)
  }

  func disable(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Token_V1_DisableAccessTokenRequest()
    message.accessTokenID = try request.parameter("id")
    let disabled = try await confirmed { [message] in try await request.services.tokens.disableAccessToken(message) }
    return .redirect(
      to: TokenRow.path(of: message.accessTokenID), flash: .tokenDisabled, receipt: ChangeReceipt(disabled.receipt))
  }

  func enable(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Token_V1_EnableAccessTokenRequest()
    message.accessTokenID = try request.parameter("id")
    let enabled = try await confirmed { [message] in try await request.services.tokens.enableAccessToken(message) }
    return .redirect(
      to: TokenRow.path(of: message.accessTokenID), flash: .tokenEnabled, receipt: ChangeReceipt(enabled.receipt))
  }

  func confirmDeletion(_ request: MemberRequest) async throws -> DashboardResponse {
    try await stopPage(request, title: "Delete an access token", isDeletion: true)
  }

  func delete(_ request: MemberRequest) async throws -> DashboardResponse {
    var message = Temporis_Token_V1_DeleteAccessTokenRequest()
    message.accessTokenID = try request.parameter("id")
    do {
      let deleted = try await confirmed { [message] in try await request.services.tokens.deleteAccessToken(message) }
      return .redirect(to: "/dashboard/tokens", flash: .tokenDeleted, receipt: ChangeReceipt(deleted.receipt))
    } catch {
      _ = try ServiceError.refusal(in: error, .accessTokenNotFound)
      throw PageError.tokenGone
    }
  }

  private func stopPage(
    _ request: MemberRequest, title: String, isDeletion: Bool
  ) async throws -> DashboardResponse {
    async let usage = self.usage(request)
    let token = try await request.token()
    let view = try await TokenStopView(token, usage: usage, now: request.now, isDeletion: isDeletion)
    return .page(.tokenStop, title: title, section: .tokens, content: view)
  }

  /// Changes a token, and returns once the change holds everywhere.
  /// - Throws: ``PageError/unconfirmed`` after a fault: the change may hold, or not, or not everywhere.
  func confirmed<Answer: Sendable>(_ change: () async throws -> Answer) async throws -> Answer {
    do {
      return try await change()
    } catch {
      try noteFault(error, "A change to an access token is not confirmed")
      throw PageError.unconfirmed
    }
  }
}
