import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// The rules that the contracts set for what callers send.
enum RequestRules {
  /// The longest lifetime of an access token: 100 years, far inside what the database's times hold.
  private static let longestLifetime: Int64 = 100 * 31_556_952

  /// Checks an idempotency key: at most 255 bytes.
  static func idempotencyKey(_ key: String) throws(ServiceError) -> String {
    guard key.utf8.count <= 255 else {
      throw ServiceError(.invalidArgument, "idempotency_key must be at most 255 bytes long.")
    }
    return key
  }

  /// Checks an access token's name: 1 to 100 characters (Unicode scalars) without control characters.
  static func accessTokenName(_ name: String) throws(ServiceError) -> String {
    guard (1...100).contains(name.unicodeScalars.count),
      name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
    else {
      throw ServiceError(.invalidArgument, "name must be 1 to 100 characters without control characters.")
    }
    return name
  }

  /// Reads permissions; none stands for all.
  static func permissions(
    _ permissions: [Temporis_Token_V1_Permission]
  ) throws(ServiceError) -> Set<Permission> {
    guard !permissions.isEmpty else { return Set(Permission.allCases) }
    var result: Set<Permission> = []
    for permission in permissions {
      guard let permission = Permission(permission) else {
        throw ServiceError(.invalidArgument, "permissions holds a permission that does not exist.")
      }
      result.insert(permission)
    }
    return result
  }

  /// Reads a lifetime: a second to 100 years.
  static func lifetime(_ duration: Google_Protobuf_Duration) throws(ServiceError) -> Duration {
    guard (1..<longestLifetime).contains(duration.seconds), (0..<1_000_000_000).contains(duration.nanos) else {
      throw ServiceError(.invalidArgument, "lifetime must be 1 second to 100 years.")
    }
    return .seconds(duration.seconds) + .nanoseconds(Int64(duration.nanos))
  }
}
