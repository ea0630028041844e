import TemporisAPI

/// The sources that a profile may read.
struct SourceChoice: Sendable {
  /// The most that are offered in a list; with more, a name is typed.
  static let limit = 100

  let options: [ChoiceField.Option]
  /// Whether these are all.
  let isComplete: Bool
  /// The series of the chosen source, or of the only one.
  var knownSeries: String?

  init(_ listed: Temporis_Predict_V1_ListDataSourcesResponse) {
    options = listed.dataSources.map { source in
      ChoiceField.Option(value: source.name, text: source.name + (source.archived ? " (archived)" : ""))
    }
    isComplete = listed.nextPageToken.isEmpty
  }

  /// Says which series a source has.
  mutating func describe(_ source: String, _ listed: Temporis_Predict_V1_ListSeriesResponse) {
    let names = listed.series.map(\.name)
    guard !names.isEmpty else {
      knownSeries = "\(source) has no rows yet."
      return
    }
    let rest = listed.nextPageToken.isEmpty ? "" : ", and more"
    knownSeries = "\(source) has: \(names.joined(separator: ", "))\(rest)."
  }
}
