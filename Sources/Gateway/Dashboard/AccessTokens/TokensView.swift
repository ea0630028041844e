import SwiftProtobuf
import TemporisAPI

/// The list of access tokens, and the form that makes another.
struct TokensView: Sendable {
  let tokens: [TokenRow]
  let paging: Paging?
  let key: String
  let problem: String?
  let name: FormField
  let expiry: ChoiceField
  let days: FormField
  let permissions: PermissionsField

  init(
    _ listed: Temporis_Token_V1_ListAccessTokensResponse, page: String, now: Int64, key: String, form: TokenForm,
    errors: FormErrors?
  ) {
    tokens = listed.accessTokens.map { TokenRow($0, now: now) }
    paging = Paging("Pages of tokens", at: "/dashboard/tokens", token: page, nextToken: listed.nextPageToken)
    self.key = key
    problem = errors?.general
    name = FormField(
      "name", label: "Name", value: form.name,
      help: "Where it will be used, so that you know which one to delete later.", error: errors?[field: "name"],
      autocomplete: "off", placeholder: "nightly job", maxLength: 100)
    expiry = ChoiceField(
      "expiry", label: "Expires", value: form.expiry,
      options: TokenForm.Expiry.allCases.map { ChoiceField.Option(value: $0.rawValue, text: $0.text) },
      isSelect: true, error: errors?[field: "expiry"])
    days = FormField(
      "days", label: "Days", value: form.days, help: "For another number of days.", error: errors?[field: "days"],
      required: false, autocomplete: "off", inputMode: "numeric")
    permissions = PermissionsField(form.permissions, error: errors?[field: "permissions"])
  }
}

/// An access token as it is listed.
struct TokenRow: Sendable {
  /// The state of a token, and the look of its badge.
  struct State: Sendable {
    let text: String
    let style: String
  }

  let name: String
  let lastFour: String
  /// The page of the token.
  let path: String
  let state: State
  let permissions: String
  let created: TimeText
  /// `nil`: never.
  let lastUsed: TimeText?
  /// `nil`: when it is deleted.
  let expires: TimeText?
  let isDisabled: Bool
  /// Until when the secret before the last rotation works, too. `nil`: it does not.
  let rotatedUntil: TimeText?

  /// Takes a token.
  /// - Parameter now: The present time, in Unix seconds.
  init(_ token: Temporis_Token_V1_AccessToken, now: Int64) {
    name = token.name
    lastFour = token.lastFour
    path = Self.path(of: token.id)
    let isOver = token.hasExpireTime && token.expireTime.seconds <= now
    isDisabled = token.hasDisableTime
    let isRotated =
      !isOver && !isDisabled && token.hasPreviousSecretExpireTime && token.previousSecretExpireTime.seconds > now
    state =
      if isDisabled {
        State(text: "Disabled", style: "off")
      } else if isOver {
        State(text: "Expired", style: "bad")
      } else if isRotated {
        State(text: "Being rotated", style: "warn")
      } else {
        State(text: "Active", style: "good")
      }
    permissions = PermissionChoice(token.permissions).text
    created = TimeText(token.createTime)
    lastUsed = token.hasLastUseTime ? TimeText(token.lastUseTime, isDay: true) : nil
    expires = token.hasExpireTime ? TimeText(token.expireTime) : nil
    rotatedUntil = isRotated ? TimeText(token.previousSecretExpireTime) : nil
  }

  /// The page of an access token.
  static func path(of id: String) -> String {
    "/dashboard/tokens/" + FormFields.percentEncoded(id)
  }

  /// Whether the id of a credential is an access token's, and not a session's.
  static func isToken(_ credentialID: String) -> Bool {
    credentialID.hasPrefix("tok_")
  }
}
