/// A credential as it is cached: what a verdict needs, without memory besides its own.
package struct CachedCredential: Sendable, Hashable {
  /// The account that it acts for.
  package let accountID: InlineText
  /// Its own id.
  package let credentialID: InlineText
  /// When it stops working by itself.
  package let expiry: ClockTicks
  /// Until when its use needn't be reported again, as it was on this day.
  package let useReportedUntil: ClockTicks
  /// What kind of secret it has.
  package let kind: SecretKind
  /// Whether it may be used.
  package let state: Credential.State
  private let permissionBits: UInt8

  /// Caches what a look-up has found. `nil` when its ids are longer than ``InlineText/limit``.
  ///
  /// - Parameters:
  ///   - asked: The time before the look-up's question, from which on its remaining lifetime counts.
  ///   - useReportedUntil: The end of the day whose use the look-up has reported.
  package init?(_ credential: Credential, asked: ContinuousClock.Instant, useReportedUntil: ClockTicks) {
    let principal = credential.principal
    guard let accountID = InlineText(principal.accountID), let credentialID = InlineText(principal.credentialID)
    else { return nil }
    self.accountID = accountID
    self.credentialID = credentialID
    self.useReportedUntil = useReportedUntil
    expiry = credential.remainingLifetime.map { ClockTicks(asked + $0) } ?? .distantFuture
    kind = principal.kind
    state = credential.state
    permissionBits = principal.permissions.reduce(0) { $0 | $1.bit }
  }

  /// Whether it is one of these permissions' holders.
  package func holds(_ permission: Permission) -> Bool {
    permissionBits & permission.bit != 0
  }

  /// For whom it acts.
  package var principal: Principal {
    Principal(
      accountID: accountID.string, credentialID: credentialID.string, kind: kind,
      permissions: Set(Permission.allCases.filter(holds)))
  }
}

extension Permission {
  fileprivate var bit: UInt8 {
    switch self {
    case .ingest: 1
    case .predict: 2
    }
  }
}
