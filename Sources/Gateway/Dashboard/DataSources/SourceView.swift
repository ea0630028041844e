import ServiceKit
import TemporisAPI

/// A data source, and its series.
struct SourceView: Sendable {
  /// One series.
  struct Series: Sendable {
    let name: String
    let rows: String
    let latest: TimeText
    /// The page that deletes its rows.
    let deletionPath: String
  }

  let source: SourceRow
  let series: [Series]
  let paging: Paging?
  /// A request that stores a row.
  let sample: String
  /// The form of a profile that reads the source.
  let profilePath: String

  init(
    _ source: Temporis_Predict_V1_DataSource, _ listed: Temporis_Predict_V1_ListSeriesResponse, origin: Origin,
    now: Int64, page: String
  ) {
    let row = SourceRow(source)
    self.source = row
    series = listed.series.map { series in
      Series(
        name: series.name, rows: Count.text(series.rowCount), latest: TimeText(unixSeconds: series.latestTimestamp),
        deletionPath: "\(row.path)/delete-rows?series=\(FormFields.percentEncoded(series.name))")
    }
    paging = Paging("Pages of series", at: row.path, token: page, nextToken: listed.nextPageToken)
    profilePath = "/dashboard/new-profile?source=" + FormFields.percentEncoded(source.name)
    // The names of sources need no quoting, in JSON or in a shell; those of series might.
    sample = """
      curl \(origin)/v1/data_sources/ingest \\
        -H "Authorization: Bearer $TEMPORIS_TOKEN" --json \\
        '{ "data_source": "\(source.name)", "records": [{ "timestamp": \(now), "name": "orders", "value": 42 }] }'
      """
  }
}
