package import TokenDomain

/// What an `Authorization` header turned out to be.
package enum Verdict: Sendable, Hashable {
  /// A credential that works and holds the required permission.
  case valid(Principal)
  /// No header, or one that cannot hold a token.
  case missing
  /// A header of the right form whose token is unknown, deleted, expired or of the wrong shape.
  case invalid
  /// A credential that works but lacks the required permission.
  case permissionDenied(Principal)
}

/// Tells whether an `Authorization` header is good, and for whom it acts.
package protocol AuthorizationVerifier: Sendable {
  /// Verifies the whole value of an `Authorization` header; empty when there was none.
  /// - Parameter permission: What the request needs. Nil: nothing in particular.
  /// - Throws: For faults alone. An outage is never a verdict.
  func verify(authorization: String, permission: Permission?) async throws -> Verdict
}
