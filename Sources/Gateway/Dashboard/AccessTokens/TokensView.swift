import TemporisAPI

/// The list of access tokens, and the form that makes another.
struct TokensView: Sendable {
  let tokens: [TokenRow]
  let paging: Paging?
  let key: String
  let problem: String?
  let name: FormField

  init(
    _ listed: Temporis_Token_V1_ListAccessTokensResponse, page: String, key: String, name: String, errors: FormErrors?
  ) {
    tokens = listed.accessTokens.map(TokenRow.init)
    paging = Paging("Pages of tokens", at: "/dashboard/tokens", token: page, nextToken: listed.nextPageToken)
    self.key = key
    problem = errors?.general
    self.name = FormField(
      "name", label: "Name", value: name, help: "Where it will be used, so that you know which one to delete later.",
      error: errors?[field: "name"], autocomplete: "off", placeholder: "nightly job", maxLength: 100)
  }
}

/// A new access token: the one page that shows its secret.
struct CreatedTokenView: Sendable {
  let token: TokenRow
  /// `nil`: it was shown before.
  let secret: String?

  init(_ created: Temporis_Token_V1_CreateAccessTokenResponse) {
    token = TokenRow(created.accessToken)
    secret = created.secretAlreadyShown || created.secret.isEmpty ? nil : created.secret
  }
}

/// An access token as it is listed.
struct TokenRow: Sendable {
  let name: String
  let lastFour: String
  let created: TimeText
  /// `nil`: never.
  let lastUsed: TimeText?
  /// `nil`: when it is deleted.
  let expires: TimeText?
  /// The page that deletes it.
  let deletionPath: String

  init(_ token: Temporis_Token_V1_AccessToken) {
    name = token.name
    lastFour = token.lastFour
    created = TimeText(token.createTime)
    lastUsed = token.hasLastUseTime ? TimeText(token.lastUseTime, isDay: true) : nil
    expires = token.hasExpireTime ? TimeText(token.expireTime) : nil
    deletionPath = "/dashboard/tokens/\(FormFields.percentEncoded(token.id))/delete"
  }
}
