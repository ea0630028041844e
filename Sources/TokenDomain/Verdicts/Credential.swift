/// A credential that works at the moment it was looked up: whom it acts for and what it may do.
package struct Credential: Sendable, Hashable {
  /// What kind of secret belongs to it.
  package let kind: SecretKind
  /// The account that it acts for.
  package let accountID: String
  /// The access token's or the session's id.
  package let credentialID: String
  /// What it may do. A dashboard session acts for its account as a whole and holds every permission.
  package let permissions: Set<Permission>
  /// How long it still works, counted from before the look-up. `nil`: until it is deleted.
  package let remainingLifetime: Duration?

  /// Describes a credential that was found.
  package init(
    kind: SecretKind, accountID: String, credentialID: String, permissions: Set<Permission>,
    remainingLifetime: Duration? = nil
  ) {
    self.kind = kind
    self.accountID = accountID
    self.credentialID = credentialID
    self.permissions = permissions
    self.remainingLifetime = remainingLifetime
  }
}
