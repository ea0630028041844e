/// How to act for the demo account.
package struct DemoCredentials: Sendable {
  /// The sign-in address.
  package let email: String
  /// The password.
  let password: String
  /// A dashboard session.
  let session: String
  /// An access token.
  package let token: String
  /// The access token's id.
  let tokenID: String
}
