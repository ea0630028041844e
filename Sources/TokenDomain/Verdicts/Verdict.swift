/// Whether an `Authorization` header is good, and for whom it acts.
package enum Verdict: Sendable, Hashable {
  /// A credential that works and that holds the required permission.
  case valid(Principal)
  /// No header, or one that cannot hold a token.
  case missing
  /// A header of the right form whose token is unknown, deleted, expired, stopped or of the wrong shape.
  case invalid
  /// A credential that works but lacks the required permission.
  case permissionDenied(Principal)
}

extension Verdict {
  /// The verdict on a secret after its look-up.
  ///
  /// - Parameters:
  ///   - found: The credential; `nil` when it is unknown, deleted or expired. One that is stopped counts like one that
  ///     is unknown.
  ///   - kind: The kind that the secret's prefix claims. A credential of another kind counts as unknown.
  ///   - permission: What the request needs; `nil` when it needs nothing beyond a credential that works.
  package init(found: Credential?, presentedAs kind: SecretKind, permission: Permission?) {
    guard let found, found.state == .active, found.principal.kind == kind,
      found.remainingLifetime.map({ $0 > .zero }) ?? true
    else {
      self = .invalid
      return
    }
    if let permission, !found.principal.permissions.contains(permission) {
      self = .permissionDenied(found.principal)
    } else {
      self = .valid(found.principal)
    }
  }
}
