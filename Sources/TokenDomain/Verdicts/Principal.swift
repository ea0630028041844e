/// For whom a call acts: the account, and the credential that proved it.
package struct Principal: Sendable, Hashable {
  /// The account.
  package let accountID: String
  /// The access token's or the session's id.
  package let credentialID: String
  /// The kind of secret that belongs to the credential.
  package let kind: SecretKind
  /// What it may do on the public API. A dashboard session acts for its account as a whole and holds every permission.
  package let permissions: Set<Permission>

  /// Creates a principal.
  package init(accountID: String, credentialID: String, kind: SecretKind, permissions: Set<Permission>) {
    self.accountID = accountID
    self.credentialID = credentialID
    self.kind = kind
    self.permissions = permissions
  }
}
