package import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
package import TokenDomain

/// What is to change in an access token. `nil` stays as it is.
package struct AccessTokenUpdate: Sendable {
  /// When a token stops working by itself.
  package enum Expiry: Sendable, Hashable {
    case never
    case at(PostgresTimestamp)
  }

  /// The new name, 1 to 100 characters.
  package var name: String?
  /// What it may do from now on; not empty.
  package var permissions: Set<Permission>?
  /// When it stops working.
  package var expiry: Expiry?

  /// Whether look-ups answer something else afterwards.
  var concernsLookUps: Bool { permissions != nil || expiry != nil }
}

extension AccessTokenUpdate {
  /// Checks and reads a request. Whether an expiry lies in the future is the database's to say.
  ///
  /// - Throws: ``ServiceError`` `invalidArgument` with the field that breaks a rule.
  init(_ request: Temporis_Token_V1_UpdateAccessTokenRequest) throws(ServiceError) {
    let token = request.accessToken
    guard !request.updateMask.paths.isEmpty else { throw Self.invalidMask }
    for path in request.updateMask.paths {
      switch path {
      case "name":
        name = try AccessTokenValidation.name(token.name, field: "access_token.name")
      case "permissions":
        permissions = try AccessTokenValidation.permissions(token.permissions, field: "access_token.permissions")
      case "expire_time":
        expiry = token.hasExpireTime ? .at(try AccessTokenValidation.expireTime(token.expireTime)) : .never
      default:
        throw Self.invalidMask
      }
    }
  }

  private static var invalidMask: ServiceError {
    ServiceError(violating: "update_mask", "must name one or more of name, permissions and expire_time")
  }
}
