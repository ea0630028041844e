/// For whom a call acts: the account, and the credential that proved it.
package struct Principal: Sendable, Hashable {
  /// What kind of credential it was.
  package enum Kind: Sendable, Hashable {
    /// `ts_`: made for the public API.
    case accessToken
    /// `tss_`: a person who signed in.
    case dashboardSession
  }

  /// The account.
  package let accountID: String
  /// The access token's or the session's id.
  package let credentialID: String
  /// What kind of credential it was.
  package let kind: Kind
  /// What the credential may do on the public API.
  package let permissions: Set<Permission>

  /// Creates a principal.
  package init(accountID: String, credentialID: String, kind: Kind, permissions: Set<Permission>) {
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

/// What a credential may do on the public API.
package enum Permission: String, Sendable, Hashable, CaseIterable {
  /// Write rows into data sources.
  case ingest
  /// Draw predictions, billed to the account.
  case predict
}
