import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// The rules that the contract sets for access tokens.
enum AccessTokenValidation {
  /// The longest lifetime of an access token: 100 years, far inside what the database's times hold.
  static let longestLifetime: Int64 = 100 * 31_556_952
  /// What an expiry must be, which the database's clock decides.
  static let expiryRule = "must be in the future, by at most 100 years"
  private static let longestGrace = Duration.seconds(30 * 86_400)
  /// The end of the year 9999, where the message's times end.
  private static let latestSecond: Int64 = 253_402_300_799

  /// Checks a name: 1 to 100 characters (Unicode scalars), one of which can be seen, on one line and without direction
  /// marks, by which a list would show another name than the one that it holds.
  static func name(_ name: String, field: String = "name") throws(ServiceError) -> String {
    let scalars = name.unicodeScalars
    guard (1...100).contains(scalars.count), !scalars.contains(where: \.endsLineOrTurnsText) else {
      throw ServiceError(
        violating: field, "must be 1 to 100 characters without control characters, line breaks and direction marks")
    }
    guard scalars.contains(where: \.canBeSeen) else { throw ServiceError(violating: field, "must not be blank") }
    return name
  }

  /// Reads one or more permissions.
  static func permissions(
    _ permissions: [Temporis_Token_V1_Permission], field: String = "permissions"
  ) throws(ServiceError) -> Set<Permission> {
    var result: Set<Permission> = []
    for permission in permissions {
      guard let permission = Permission(permission) else {
        throw ServiceError(violating: field, "must hold only permissions that exist")
      }
      result.insert(permission)
    }
    guard !result.isEmpty else { throw ServiceError(violating: field, "must hold at least one permission") }
    return result
  }

  /// Reads a lifetime: 1 second to 100 years.
  static func lifetime(_ duration: Google_Protobuf_Duration) throws(ServiceError) -> Duration {
    guard (1..<longestLifetime).contains(duration.seconds), (0..<1_000_000_000).contains(duration.nanos) else {
      throw ServiceError(violating: "lifetime", "must be 1 second to 100 years")
    }
    return Duration(duration)
  }

  /// Reads the time for which a replaced secret works on: 0 to 30 days.
  static func grace(_ duration: Google_Protobuf_Duration) throws(ServiceError) -> Duration {
    guard (0...longestGrace.components.seconds).contains(duration.seconds),
      (0..<1_000_000_000).contains(duration.nanos), Duration(duration) <= longestGrace
    else { throw ServiceError(violating: "grace", "must be 0 to 30 days") }
    return Duration(duration)
  }

  /// Reads an expiry, to the microsecond.
  static func expireTime(_ timestamp: Google_Protobuf_Timestamp) throws(ServiceError) -> PostgresTimestamp {
    guard (0...latestSecond).contains(timestamp.seconds), (0..<1_000_000_000).contains(timestamp.nanos) else {
      throw ServiceError(violating: "access_token.expire_time", expiryRule)
    }
    return PostgresTimestamp(
      microsecondsSince1970: timestamp.seconds * 1_000_000 + Int64(timestamp.nanos) / 1_000)
  }
}

extension Unicode.Scalar {
  /// Whether it is a control character, a line break or a direction mark.
  fileprivate var endsLineOrTurnsText: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: properties.isBidiControl
    }
  }

  /// Whether it shows something by itself. The blank pattern of Braille is the one symbol that does not.
  fileprivate var canBeSeen: Bool {
    !properties.isWhitespace && !properties.isDefaultIgnorableCodePoint && self != "\u{2800}"
  }
}

extension Duration {
  /// The length of a message that has been checked.
  fileprivate init(_ duration: Google_Protobuf_Duration) {
    self = .seconds(duration.seconds) + .nanoseconds(Int64(duration.nanos))
  }
}
