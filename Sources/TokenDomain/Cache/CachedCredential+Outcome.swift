extension CachedCredential {
  /// What becomes of a request.
  package enum Outcome: Sendable, Hashable {
    /// ``Verdict/valid(_:)``
    case valid
    /// ``Verdict/invalid``: it has expired, or is of another kind than its secret claims.
    case unusable
    /// ``Verdict/invalid``: it is disabled, or its account suspended.
    case stopped
    /// ``Verdict/permissionDenied(_:)``
    case permissionDenied
  }

  /// What becomes of a request by the rules of ``Verdict/init(found:presentedAs:permission:)``, at each request anew.
  ///
  /// - Parameters:
  ///   - kind: The kind that the secret's prefix claims.
  ///   - permission: What the request needs; `nil` when it needs nothing beyond a credential that works.
  package func outcome(presentedAs kind: SecretKind, permission: Permission?, at now: ClockTicks) -> Outcome {
    guard self.kind == kind, now < expiry else { return .unusable }
    guard state == .active else { return .stopped }
    if let permission, !holds(permission) { return .permissionDenied }
    return .valid
  }

  /// The verdict that says so.
  package func verdict(_ outcome: Outcome) -> Verdict {
    switch outcome {
    case .valid: .valid(principal)
    case .unusable, .stopped: .invalid
    case .permissionDenied: .permissionDenied(principal)
    }
  }
}
