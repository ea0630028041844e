import TemporisAPI

/// An access token as it is listed.
struct TokenRow: Sendable {
  let name: String
  let lastFour: String
  let created: TimeText
  /// Nil: never.
  let lastUsed: TimeText?
  /// Nil: when it is deleted.
  let expires: TimeText?
  /// Where it is deleted.
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
