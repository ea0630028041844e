import TemporisAPI

/// The page of an access token: what is known of it, and the forms that change it.
struct TokenView: Sendable {
  let token: TokenRow
  let usage: TokenUsage?
  let problem: String?
  let name: FormField
  let permissions: PermissionsField

  init(
    _ token: Temporis_Token_V1_AccessToken, usage: Temporis_Billing_V1_GetCredentialUsageResponse?, now: Int64,
    form: TokenChangeForm, errors: FormErrors?
  ) {
    self.token = TokenRow(token, now: now)
    self.usage = usage.map(TokenUsage.init)
    problem = errors?.general
    name = FormField(
      "name", label: "Name", value: form.name, error: errors?[field: "name"], autocomplete: "off", maxLength: 100)
    permissions = PermissionsField(form.permissions, error: errors?[field: "permissions"])
  }
}

/// What can be changed of an access token, as the forms of its page have it.
struct TokenChangeForm: Sendable {
  var name: String
  var permissions: PermissionChoice

  init(_ token: Temporis_Token_V1_AccessToken) {
    name = token.name
    permissions = PermissionChoice(token.permissions)
  }
}

/// The use of an access token in the last 24 hours.
struct TokenUsage: Sendable {
  /// `12 predictions`.
  let predictions: String
  let cost: String

  init(_ usage: Temporis_Billing_V1_GetCredentialUsageResponse) {
    predictions = Count.text(usage.predictions, "prediction", "predictions")
    cost = Money(nanoDollars: usage.nanoDollars).description
  }
}

/// The page that asks once more before an access token is disabled or deleted, and says what stops then.
struct TokenStopView: Sendable {
  let token: TokenRow
  let usage: TokenUsage?
  /// Whether it is deleted for good.
  let isDeletion: Bool

  init(
    _ token: Temporis_Token_V1_AccessToken, usage: Temporis_Billing_V1_GetCredentialUsageResponse?, now: Int64,
    isDeletion: Bool
  ) {
    self.token = TokenRow(token, now: now)
    self.usage = usage.map(TokenUsage.init)
    self.isDeletion = isDeletion
  }
}
