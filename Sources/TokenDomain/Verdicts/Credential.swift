/// A credential that works at the moment it was looked up.
package struct Credential: Sendable, Hashable {
  /// For whom it acts and what it may do.
  package let principal: Principal
  /// How long it still works, counted from before the look-up; `nil` when it works until it is deleted.
  package let remainingLifetime: Duration?

  /// Describes a credential that was found.
  package init(_ principal: Principal, remainingLifetime: Duration? = nil) {
    self.principal = principal
    self.remainingLifetime = remainingLifetime
  }
}
