import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

extension NewAccessToken {
  /// Checks and reads a request.
  ///
  /// - Throws: ``ServiceError`` `invalidArgument` with the field that breaks a rule.
  init(_ request: Temporis_Token_V1_CreateAccessTokenRequest) throws(ServiceError) {
    self.init(
      name: try AccessTokenValidation.name(request.name),
      permissions: try AccessTokenValidation.permissions(request.permissions),
      lifetime: request.hasLifetime ? try AccessTokenValidation.lifetime(request.lifetime) : nil,
      idempotencyKey: try IdempotencyKey.ofCreation(request.idempotencyKey))
  }
}

/// The rules that the contract sets for a new access token.
private enum AccessTokenValidation {
  /// The longest lifetime of an access token: 100 years, far inside what the database's times hold.
  private static let longestLifetime: Int64 = 100 * 31_556_952

  /// Checks a name: 1 to 100 characters (Unicode scalars) without control characters.
  static func name(_ name: String) throws(ServiceError) -> String {
    guard (1...100).contains(name.unicodeScalars.count),
      name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
    else { throw ServiceError(violating: "name", "must be 1 to 100 characters without control characters") }
    return name
  }

  /// Reads permissions; none stands for all.
  static func permissions(_ permissions: [Temporis_Token_V1_Permission]) throws(ServiceError) -> Set<Permission> {
    guard !permissions.isEmpty else { return Set(Permission.allCases) }
    var result: Set<Permission> = []
    for permission in permissions {
      guard let permission = Permission(permission) else {
        throw ServiceError(violating: "permissions", "must hold only permissions that exist")
      }
      result.insert(permission)
    }
    return result
  }

  /// Reads a lifetime: 1 second to 100 years.
  static func lifetime(_ duration: Google_Protobuf_Duration) throws(ServiceError) -> Duration {
    guard (1..<longestLifetime).contains(duration.seconds), (0..<1_000_000_000).contains(duration.nanos) else {
      throw ServiceError(violating: "lifetime", "must be 1 second to 100 years")
    }
    return .seconds(duration.seconds) + .nanoseconds(Int64(duration.nanos))
  }
}
