/// An access token that was used.
struct AccessTokenUse: Sendable, Hashable {
  let accountID: String
  let accessTokenID: String
}
