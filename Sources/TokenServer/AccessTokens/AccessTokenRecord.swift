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
  /// Since when it is disabled; `nil` when it is not.
  package let disableTime: PostgresTimestamp?
  /// When the secret before the last rotation stops working; `nil` when there is none, or it has stopped.
  package let previousSecretExpireTime: PostgresTimestamp?
}

extension AccessTokenRecord {
  /// What a statement on `token.access_token`, under that name, selects or returns.
  static let columns = """
    access_token_id, name, last_four, permissions, create_time, expire_time,
    (last_use_day - DATE '1970-01-01')::int8 AS last_use_day, disable_time,
    (SELECT max(c.expire_time) FROM token.credential c
      WHERE c.account_id = access_token.account_id AND c.credential_id = access_token.access_token_id
        AND c.is_previous AND c.expire_time > statement_timestamp()) AS previous_secret_expire_time
    """

  init(_ row: PostgresRow) throws {
    id = try row.decode("access_token_id")
    name = try row.decode("name")
    lastFour = try row.decode("last_four")
    permissions = Set(try row.decode("permissions", as: [String].self).compactMap(Permission.init(rawValue:)))
    createTime = try row.decode("create_time")
    expireTime = try row.decode("expire_time")
    lastUseDay = try row.decode("last_use_day")
    disableTime = try row.decode("disable_time")
    previousSecretExpireTime = try row.decode("previous_secret_expire_time")
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
    if let disableTime = record.disableTime { self.disableTime = Google_Protobuf_Timestamp(disableTime) }
    if let time = record.previousSecretExpireTime { previousSecretExpireTime = Google_Protobuf_Timestamp(time) }
  }
}
