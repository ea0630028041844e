package import Postgres
import ServiceDatabase
import ServiceKit
import SwiftProtobuf
import TemporisAPI
package import TokenDomain

/// An access token as it is stored: everything but its secret.
package struct AccessTokenRecord: Sendable, Hashable {
  /// `tok_` and 22 base62 characters.
  package let id: String
  /// The name that its creator chose.
  package let name: String
  /// The last four characters of the secret.
  package let lastFour: String
  /// What the token may do.
  package let permissions: Set<Permission>
  /// When it was created.
  package let createTime: PostgresTimestamp
  /// When it stops working by itself; `nil` when it works until it is deleted.
  package let expireTime: PostgresTimestamp?
  /// The day on which it was last used, in days since 1970-01-01 UTC; `nil` when it never was.
  package let lastUseDay: Int?
}

extension AccessTokenRecord {
  static let columns = """
    access_token_id, name, last_four, permissions, create_time, expire_time,
    (last_use_day - DATE '1970-01-01')::int8 AS last_use_day
    """

  init(_ row: PostgresRow) throws {
    id = try row.decode("access_token_id")
    name = try row.decode("name")
    lastFour = try row.decode("last_four")
    permissions = Set(try row.decode("permissions", as: [String].self).compactMap(Permission.init(rawValue:)))
    createTime = try row.decode("create_time")
    expireTime = try row.decode("expire_time")
    lastUseDay = try row.decode("last_use_day")
  }
}

extension Temporis_Token_V1_AccessToken {
  init(_ record: AccessTokenRecord) {
    self.init()
    id = record.id
    name = record.name
    lastFour = record.lastFour
    permissions = record.permissions.messages
    createTime = Google_Protobuf_Timestamp(record.createTime)
    if let expireTime = record.expireTime { self.expireTime = Google_Protobuf_Timestamp(expireTime) }
    if let day = record.lastUseDay { lastUseTime.seconds = Int64(day) * 86_400 }
  }
}
