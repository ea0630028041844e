/// A credential that exists and has not expired at the moment it was looked up.
package struct Credential: Sendable, Hashable {
  /// Whether a credential that exists may be used.
  package enum State: Sendable, Hashable {
    /// It works.
    case active
    /// It was disabled, or its account is suspended. It may work again, which a revision announces by its ids.
    case stopped
  }

  /// For whom it acts and what it may do.
  package let principal: Principal
  /// Whether it may be used.
  package let state: State
  /// How long it still works, counted from before the look-up; `nil` when it works until it is deleted.
  package let remainingLifetime: Duration?

  /// Describes a credential that was found.
  package init(_ principal: Principal, state: State = .active, remainingLifetime: Duration? = nil) {
    self.principal = principal
    self.state = state
    self.remainingLifetime = remainingLifetime
  }

  /// The ids by which revisions name it.
  package var identity: CredentialIdentity {
    CredentialIdentity(credentialID: principal.credentialID, accountID: principal.accountID)
  }
}

/// What a look-up has found, and in which state of the revocation log: what it is worth later is judged by that.
package struct CredentialLookup: Sendable, Hashable {
  /// The most secrets that are looked up in one go.
  package static let limit = 64

  /// The credential; `nil` when the secret is unknown, deleted or expired.
  package let credential: Credential?
  /// The end of the log in the snapshot that the look-up was read in.
  package let position: LogPosition

  /// Describes what was found.
  package init(_ credential: Credential?, readAt position: LogPosition) {
    self.credential = credential
    self.position = position
  }
}
