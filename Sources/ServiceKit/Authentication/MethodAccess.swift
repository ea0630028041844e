package import TokenDomain

/// Who may call a method.
package enum MethodAccess: Sendable, Hashable {
  /// Anyone, without a credential.
  case open
  /// A person who signed in.
  case dashboardSession
  /// Any credential that holds this permission; a dashboard session holds all.
  case permission(Permission)
}
