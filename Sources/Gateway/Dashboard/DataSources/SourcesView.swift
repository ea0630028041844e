import TemporisAPI

/// The list of data sources, and the form that makes another.
struct SourcesView: Sendable {
  let sources: [SourceRow]
  let paging: Paging?
  let key: String
  let problem: String?
  let name: FormField

  init(
    _ listed: Temporis_Predict_V1_ListDataSourcesResponse, page: String, key: String, name: String,
    errors: FormErrors?
  ) {
    sources = listed.dataSources.map(SourceRow.init)
    paging = Paging("Pages of sources", at: "/dashboard/sources", token: page, nextToken: listed.nextPageToken)
    self.key = key
    problem = errors?.general
    self.name = FormField(
      "name", label: "Name", value: name,
      help: "A lowercase letter first, then lowercase letters, digits and underscores; at most 48 characters. "
        + "It cannot be changed later.",
      error: errors?[field: "name"], autocomplete: "off", placeholder: "store_metrics", rule: "resource-name",
      isCode: true)
  }
}

/// A data source as it is listed.
struct SourceRow: Sendable {
  let name: String
  let path: String
  let isArchived: Bool
  let created: TimeText

  init(_ source: Temporis_Predict_V1_DataSource) {
    name = source.name
    path = Self.path(of: source.name)
    isArchived = source.archived
    created = TimeText(source.createTime)
  }

  /// The page of a data source.
  static func path(of name: String) -> String {
    "/dashboard/sources/" + FormFields.percentEncoded(name)
  }
}
