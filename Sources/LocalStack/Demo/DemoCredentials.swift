/// How to act for the demo account.
struct DemoCredentials: Sendable {
  /// The sign-in address.
  let email: String
  /// The password.
  let password: String
  /// A dashboard session.
  let session: String
  /// An access token.
  let token: String
  /// The access token's id.
  let tokenID: String
}
