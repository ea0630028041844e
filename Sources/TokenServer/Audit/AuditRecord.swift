package import Postgres
import ServiceDatabase
import SwiftProtobuf
import TemporisAPI

/// An audit record as it is stored.
package struct AuditRecord: Sendable, Hashable {
  /// `aud_` and 22 base62 characters.
  package let id: String
  /// When it was done; of what is counted, when the first of the hour was written.
  package let createTime: PostgresTimestamp
  /// What was done.
  package let action: String
  /// Who did it.
  package let actorID: String
  /// What it was done to.
  package let subjectID: String
  /// How many times.
  package let count: Int64
}

extension AuditRecord {
  static let columns = "audit_id, create_time, action, actor_id, subject_id, count"

  init(_ row: PostgresRow) throws {
    id = try row.decode("audit_id")
    createTime = try row.decode("create_time")
    action = try row.decode("action")
    actorID = try row.decode("actor_id")
    subjectID = try row.decode("subject_id")
    count = try row.decode("count")
  }
}

extension Temporis_Token_V1_AuditRecord {
  init(_ record: AuditRecord) {
    self.init()
    id = record.id
    createTime = Google_Protobuf_Timestamp(record.createTime)
    action = record.action
    actorID = record.actorID
    subjectID = record.subjectID
    count = record.count
  }
}
