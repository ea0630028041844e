package import TokenDomain

/// For whom a call acts: the account, and the credential that proved it.
package struct Principal: Sendable, Hashable {
  /// The account.
  package let accountID: String
  /// The access token's or the session's id.
  package let credentialID: String
  /// What kind of credential it was.
  package let kind: SecretKind
  /// What the credential may do on the public API.
  package let permissions: Set<Permission>

  /// Creates a principal.
  package init(accountID: String, credentialID: String, kind: SecretKind, permissions: Set<Permission>) {
    self.accountID = accountID
    self.credentialID = credentialID
    self.kind = kind
    self.permissions = permissions
  }

  /// The principal of the call that runs in this task. ``AuthenticationInterceptor`` sets it.
  @TaskLocal package static var current: Principal?

  /// The principal of the call that runs in this task.
  /// - Throws: ``ServiceError`` when the call was not authenticated.
  package static func required() throws(ServiceError) -> Principal {
    guard let current else { throw ServiceError(.accessTokenMissing) }
    return current
  }
}

extension Principal {
  /// For whom a credential acts.
  package init(_ credential: Credential) {
    self.init(
      accountID: credential.accountID, credentialID: credential.credentialID, kind: credential.kind,
      permissions: credential.permissions)
  }
}
