/// What a secret is for, which its prefix tells.
package enum SecretKind: Sendable, Hashable, CaseIterable {
  /// An access token: `ts_`.
  case accessToken
  /// A dashboard session: `tss_`.
  case dashboardSession

  /// What every secret of this kind starts with.
  package var prefix: String {
    switch self {
    case .accessToken: "ts_"
    case .dashboardSession: "tss_"
    }
  }
}
