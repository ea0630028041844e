import Postgres
import ServiceDatabase
import SwiftProtobuf
import TemporisAPI

/// A dashboard session as it is stored: everything but its secret.
struct SessionRecord: Sendable, Hashable {
  /// `ses_` and 22 base62 characters.
  let id: String
  /// When it signed in.
  let createTime: PostgresTimestamp
  /// When it ends by itself.
  let expireTime: PostgresTimestamp
  /// The network that signed in; `nil` when it is not known.
  let clientAddress: String?
}

extension SessionRecord {
  static let columns = "session_id, create_time, expire_time, client_address"

  init(_ row: PostgresRow) throws {
    id = try row.decode("session_id")
    createTime = try row.decode("create_time")
    expireTime = try row.decode("expire_time")
    clientAddress = try row.decode("client_address")
  }
}

extension Temporis_Token_V1_Session {
  /// The message of a session.
  ///
  /// - Parameter currentID: The id of the session that asks.
  init(_ record: SessionRecord, currentID: String) {
    self.init()
    id = record.id
    createTime = Google_Protobuf_Timestamp(record.createTime)
    expireTime = Google_Protobuf_Timestamp(record.expireTime)
    clientAddress = record.clientAddress ?? ""
    current = record.id == currentID
  }
}
