package import TemporisAPI
package import TokenDomain

extension Permission {
  /// The permission of a message. Nil: unspecified, or one that this version does not know.
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
