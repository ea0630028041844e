package import Postgres
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
  /// When it stops working by itself.
  package let expireTime: PostgresTimestamp?
  /// The day on which it was last used: days since 1970-01-01, UTC.
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
