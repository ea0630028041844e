import SwiftProtobuf
import TemporisAPI

/// A data source as it is printed, with its series where it is shown alone.
struct SourceReport: Printable {
  /// A series of the data source.
  struct Series: Printable {
    let name: String
    let rowCount: Int64
    let latestTimestamp: Int64

    static let headings = ["SERIES", "ROWS", "LATEST ROW"]

    var cells: [String] {
      [name, Count.grouped(rowCount), TimestampText.text(unixSeconds: latestTimestamp)]
    }
  }

  let name: String
  let archived: Bool
  let createTime: String
  let series: [Series]?

  /// Takes a data source, and its series if they were read.
  init(_ source: Temporis_Predict_V1_DataSource, series: [Temporis_Predict_V1_Series]? = nil) {
    name = source.name
    archived = source.archived
    createTime = source.createTime.instant
    self.series = series?.map {
      Series(name: $0.name, rowCount: $0.rowCount, latestTimestamp: $0.latestTimestamp)
    }
  }

  static let headings = ["NAME", "STATE", "CREATED"]

  var cells: [String] { [name, archived ? "archived" : "active", createTime] }
}
