package import TemporisAPI
package import TokenDomain

extension Principal {
  /// The principal of the call that runs in this task. ``AuthenticationInterceptor`` sets it.
  @TaskLocal package static var current: Principal?

  /// The principal of the call that runs in this task.
  ///
  /// - Throws: ``ServiceError`` when the call was not authenticated.
  package static func required() throws(ServiceError) -> Principal {
    guard let current else { throw ServiceError(.accessTokenMissing) }
    return current
  }
}

extension Permission {
  /// The permission of a message. `nil` when it is unspecified or unknown to this version.
  package init?(_ permission: Temporis_Token_V1_Permission) {
    switch permission {
    case .ingest: self = .ingest
    case .predict: self = .predict
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }
}

extension Temporis_Token_V1_Permission {
  /// The message's form of a permission.
  package init(_ permission: Permission?) {
    switch permission {
    case .ingest: self = .ingest
    case .predict: self = .predict
    case nil: self = .unspecified
    }
  }
}

extension Set<Permission> {
  /// The permissions as messages, in the order of their numbers.
  package var messages: [Temporis_Token_V1_Permission] {
    Permission.allCases.filter(contains).map { Temporis_Token_V1_Permission($0) }
  }
}

extension SecretKind {
  /// The kind of a message. `nil` when it is unspecified or unknown to this version.
  package init?(_ kind: Temporis_Token_V1_CredentialKind) {
    switch kind {
    case .accessToken: self = .accessToken
    case .dashboardSession: self = .dashboardSession
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }
}

extension Temporis_Token_V1_CredentialKind {
  /// The message's form of a kind.
  package init(_ kind: SecretKind) {
    switch kind {
    case .accessToken: self = .accessToken
    case .dashboardSession: self = .dashboardSession
    }
  }
}
