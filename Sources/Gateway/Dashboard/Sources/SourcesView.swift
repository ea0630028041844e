import TemporisAPI

/// The list of data sources, and the form that makes another.
struct SourcesView: Sendable {
  let sources: [SourceRow]
  let isEmpty: Bool
  /// Where those that follow are.
  let nextPath: String?
  let isLaterPage: Bool
  let key: String
  let problem: String?
  let name: FormField

  init(
    _ answer: Temporis_Predict_V1_ListDataSourcesResponse, isFirstPage: Bool, key: String, name: String,
    errors: FormErrors?
  ) {
    sources = answer.dataSources.map(SourceRow.init)
    isEmpty = sources.isEmpty
    nextPath =
      answer.nextPageToken.isEmpty
      ? nil : "/dashboard/sources?page=" + FormFields.percentEncoded(answer.nextPageToken)
    isLaterPage = !isFirstPage
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

  /// Where a data source is looked into.
  static func path(of name: String) -> String {
    "/dashboard/sources/" + FormFields.percentEncoded(name)
  }
}
