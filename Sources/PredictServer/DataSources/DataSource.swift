import Postgres
import SwiftProtobuf
import TemporisAPI

/// A named container of rows.
struct DataSource: Sendable {
  let id: String
  let name: String
  let isArchived: Bool
  let createTime: PostgresTimestamp

  /// Reads the columns `id`, `name`, `archived` and `create_time`.
  init(_ row: PostgresRow) throws {
    id = try row.decode("id")
    name = try row.decode("name")
    isArchived = try row.decode("archived")
    createTime = try row.decode("create_time")
  }

  var message: Temporis_Predict_V1_DataSource {
    var message = Temporis_Predict_V1_DataSource()
    message.id = id
    message.name = name
    message.archived = isArchived
    message.createTime = Google_Protobuf_Timestamp(createTime)
    return message
  }
}
