import TemporisAPI

/// A new secret: the one page that shows it.
struct SecretView: Sendable {
  let token: TokenRow
  let secret: String
  /// Whether it takes another one's place, and when that held everywhere.
  let rotation: Rotation?

  /// What became of the secret before.
  struct Rotation: Sendable {
    /// Until when it works. `nil`: it has stopped.
    let worksUntil: TimeText?
    let receipt: String?
  }

  init(
    _ token: Temporis_Token_V1_AccessToken, secret: String, now: Int64,
    rotation receipt: Temporis_Token_V1_RevocationReceipt? = nil
  ) {
    let row = TokenRow(token, now: now)
    self.token = row
    self.secret = secret
    rotation = receipt.map { receipt in
      let until = row.rotatedUntil
      let effect = until == nil ? "no verifier accepts it" : "every verifier knows the new secret"
      return Rotation(worksUntil: until, receipt: ChangeReceipt(receipt)?.sentence(effect))
    }
  }
}

/// What is said in place of a secret when the form that made it was sent again. The token is as it is now: it may have
/// got yet another secret since.
struct SecretShownView: Sendable {
  let token: TokenRow
  /// Whether the form gave the token a new secret, and did not create it.
  let isRotation: Bool
}

/// The page that gives an access token a new secret.
struct TokenRotationView: Sendable {
  let token: TokenRow
  let key: String
  let problem: String?
  let grace: ChoiceField

  init(
    _ token: Temporis_Token_V1_AccessToken, now: Int64, key: String, grace: String, errors: FormErrors?
  ) {
    self.token = TokenRow(token, now: now)
    self.key = key
    problem = errors?.general
    self.grace = ChoiceField(
      "grace", label: "The present secret", value: grace,
      options: RotationGrace.allCases.map { ChoiceField.Option(value: $0.rawValue, text: $0.text) }, isSelect: true,
      error: errors?[field: "grace"])
  }
}

/// How long a secret works on beside the one that takes its place. The raw value is the form's, in seconds.
enum RotationGrace: String, Sendable, CaseIterable {
  case none = "0"
  case hour = "3600"
  case day = "86400"
  case week = "604800"

  var text: String {
    switch self {
    case .none: "Stops at once"
    case .hour: "Works for 1 more hour"
    case .day: "Works for 1 more day"
    case .week: "Works for 7 more days"
    }
  }
}
