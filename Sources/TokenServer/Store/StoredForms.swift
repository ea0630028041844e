import TokenDomain

extension SecretKind {
  /// The kind's name in the database.
  var stored: String {
    switch self {
    case .accessToken: "access_token"
    case .dashboardSession: "dashboard_session"
    }
  }

  /// Reads a name of the database. `nil` for one that this version does not know.
  init?(stored: String) {
    guard let kind = Self.allCases.first(where: { $0.stored == stored }) else { return nil }
    self = kind
  }
}

extension Duration {
  /// The length in seconds, for `interval '1 second'`. Exact to the microsecond up to 285 years.
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
