import TemporisAPI

/// A data profile as it is listed.
struct ProfileRow: Sendable {
  let name: String
  let path: String
  let source: String
  let sourcePath: String
  let series: String
  /// From one row of a forecast to the next, and how many there are.
  let step: String
  let horizon: String
  let isReady: Bool
  let forecastPath: String

  init(_ profile: Temporis_Predict_V1_DataProfile) {
    let shape = ProfileShape(profile.settings)
    name = profile.name
    path = Self.path(of: profile.name)
    source = profile.settings.dataSource
    sourcePath = SourceRow.path(of: source)
    let names = profile.settings.names
    series = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
    step = DurationText.text(seconds: shape.step)
    horizon = Count.text(shape.horizon, "step", "steps")
    isReady = profile.ready
    forecastPath = "/dashboard/forecast?profile=" + FormFields.percentEncoded(profile.name)
  }

  /// Where a data profile is looked into.
  static func path(of name: String) -> String {
    "/dashboard/profiles/" + FormFields.percentEncoded(name)
  }
}
