import TemporisAPI

/// A data source, and what it holds.
struct SourceView: Sendable {
  /// One series.
  struct Series: Sendable {
    let name: String
    let rows: String
    let latest: TimeText
  }

  let source: SourceRow
  let series: [Series]
  let isEmpty: Bool
  /// Where those that follow are.
  let nextPath: String?
  let isLaterPage: Bool
  /// A request that stores a row.
  let sample: String
  /// Where a profile that reads the source is made.
  let profilePath: String

  init(
    _ source: Temporis_Predict_V1_DataSource, _ answer: Temporis_Predict_V1_ListSeriesResponse, origin: String,
    now: Int64, isFirstPage: Bool
  ) {
    self.source = SourceRow(source)
    series = answer.series.map { series in
      Series(
        name: series.name, rows: Count.text(series.rowCount), latest: TimeText(unixSeconds: series.latestTimestamp))
    }
    isEmpty = series.isEmpty
    let path = self.source.path
    nextPath =
      answer.nextPageToken.isEmpty ? nil : path + "?page=" + FormFields.percentEncoded(answer.nextPageToken)
    isLaterPage = !isFirstPage
    profilePath = "/dashboard/new-profile?source=" + FormFields.percentEncoded(source.name)
    // The names of sources need no quoting, in JSON or in a shell; those of series might.
    sample = """
      curl \(origin)/v1/data_sources/ingest \\
        -H "Authorization: Bearer $TEMPORIS_TOKEN" --json \\
        '{ "data_source": "\(source.name)", "records": [{ "timestamp": \(now), "name": "orders", "value": 42 }] }'
      """
  }
}
