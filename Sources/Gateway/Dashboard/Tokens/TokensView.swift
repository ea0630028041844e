import TemporisAPI

/// The list of access tokens, and the form that makes another.
struct TokensView: Sendable {
  let tokens: [TokenRow]
  let isEmpty: Bool
  /// Where the older ones are.
  let nextPath: String?
  let isLaterPage: Bool
  let key: String
  let problem: String?
  let name: FormField

  init(
    _ answer: Temporis_Token_V1_ListAccessTokensResponse, isFirstPage: Bool, key: String, name: String,
    errors: FormErrors?
  ) {
    tokens = answer.accessTokens.map(TokenRow.init)
    isEmpty = tokens.isEmpty
    nextPath =
      answer.nextPageToken.isEmpty
      ? nil : "/dashboard/tokens?page=" + FormFields.percentEncoded(answer.nextPageToken)
    isLaterPage = !isFirstPage
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
  /// Nil: it was shown before.
  let secret: String?
  let origin: String

  init(_ answer: Temporis_Token_V1_CreateAccessTokenResponse, origin: String) {
    token = TokenRow(answer.accessToken)
    secret = answer.secretAlreadyShown || answer.secret.isEmpty ? nil : answer.secret
    self.origin = origin
  }
}
