import TemporisAPI

/// The page that deletes rows of a data source: it chooses them, counts them, and names the profiles that read them.
struct RowDeletionView: Sendable {
  let source: SourceRow
  /// The address that takes the selection and its deletion.
  let path: String
  let problem: String?
  let series: ChoiceField
  let times: [FormField]
  let selection: RowSelection
  /// `nil`: the selection cannot be read.
  let preview: Preview?

  /// The effect that deleting the selection would have.
  struct Preview: Sendable {
    let rows: String
    let isEmpty: Bool
    let profiles: [ProfileLink]
  }

  init(
    _ source: Temporis_Predict_V1_DataSource, _ selection: RowSelection,
    series listed: Temporis_Predict_V1_ListSeriesResponse, preview: Temporis_Predict_V1_DeleteRecordsResponse?,
    errors: FormErrors?
  ) {
    self.source = SourceRow(source)
    path = self.source.path + "/delete-rows"
    problem = errors?.general
    self.selection = selection
    let isComplete = listed.nextPageToken.isEmpty
    let names = listed.series.map { ChoiceField.Option(value: $0.name, text: $0.name) }
    series = ChoiceField(
      "series", label: "Series", value: selection.series,
      options: (isComplete ? [ChoiceField.Option(value: "", text: "All series")] : []) + names, isSelect: isComplete,
      help: isComplete ? nil : "Empty: all series.", error: errors?[field: "series"], required: false,
      isOptional: !isComplete)
    times = [
      FormField(
        "start", label: "From (UTC)", kind: .dateTime, value: selection.start, help: "Empty: from the oldest row on.",
        error: errors?[field: "start"], required: false, autocomplete: "off"),
      FormField(
        "end", label: "Before (UTC)", kind: .dateTime, value: selection.end, help: "Empty: to the latest row.",
        error: errors?[field: "end"], required: false, autocomplete: "off"),
    ]
    self.preview = preview.map { preview in
      Preview(
        rows: Count.text(preview.deletedRecords, "row", "rows"), isEmpty: preview.deletedRecords == 0,
        profiles: preview.dataProfiles.map(ProfileLink.init))
    }
  }
}

/// The page that asks once more before a data source is deleted.
struct SourceDeletionView: Sendable {
  let source: SourceRow
  let rows: String
  let profiles: [ProfileLink]
  /// Whether the source can only be deleted together with the profiles that read it.
  let needsForce: Bool
  let problem: String?

  init(_ source: Temporis_Predict_V1_DataSource, rows: Int64, profiles: [String], problem: String?) {
    self.source = SourceRow(source)
    self.rows = Count.text(rows, "row", "rows")
    self.profiles = profiles.map(ProfileLink.init)
    needsForce = !profiles.isEmpty || problem != nil
    self.problem = problem
  }
}

/// A data profile that a text names.
struct ProfileLink: Sendable {
  let name: String
  let path: String

  init(_ name: String) {
    self.name = name
    path = ProfileRow.path(of: name)
  }
}
