import Postgres
import ServiceDatabase
import SwiftProtobuf
import TemporisAPI

/// A named container of rows.
struct DataSource: Sendable {
  let id: String
  let name: String
  let isArchived: Bool
  let createTime: PostgresTimestamp
}

extension DataSource {
  /// The columns that ``init(_:)`` reads.
  static let columns = "id, name, archived, create_time"

  /// How many statements have inserted, overwritten or deleted rows of a source: an expression, of expressions.
  static func changes(accountID: String, id: String) -> String {
    """
    (
      coalesce((
        SELECT c.changes FROM predict.source_change_count AS c
        WHERE c.account_id = \(accountID) AND c.source_id = \(id)
      ), 0) + (
        SELECT count(*) FROM predict.series_change AS c WHERE c.account_id = \(accountID) AND c.source_id = \(id)
      )
    )
    """
  }

  init(_ row: PostgresRow) throws {
    id = try row.decode("id")
    name = try row.decode("name")
    isArchived = try row.decode("archived")
    createTime = try row.decode("create_time")
  }
}

extension Temporis_Predict_V1_DataSource {
  init(_ source: DataSource) {
    self.init()
    id = source.id
    name = source.name
    archived = source.isArchived
    createTime = Google_Protobuf_Timestamp(source.createTime)
  }
}
