/// What an `Authorization` header turned out to be.
package enum CredentialVerdict: Sendable, Hashable {
  /// A credential that works and that holds the required permission.
  case valid(Credential)
  /// No header, or one that cannot hold a token.
  case missing
  /// A header of the right form whose token is unknown, deleted, expired or of the wrong shape.
  case invalid
  /// A credential that works but lacks the required permission.
  case permissionDenied(Credential)
}

extension CredentialVerdict {
  /// The verdict on a secret after its look-up.
  ///
  /// - Parameters:
  ///   - found: what the look-up answered; `nil`: unknown, deleted or expired.
  ///   - kind: the kind that the secret's prefix claims. A credential of another kind counts as unknown.
  ///   - permission: what the request needs; `nil`: nothing beyond a credential that works.
  package init(found: Credential?, presentedAs kind: SecretKind, permission: Permission?) {
    guard let found, found.kind == kind, found.remainingLifetime.map({ $0 > .zero }) ?? true else {
      self = .invalid
      return
    }
    if let permission, !found.permissions.contains(permission) {
      self = .permissionDenied(found)
    } else {
      self = .valid(found)
    }
  }
}
