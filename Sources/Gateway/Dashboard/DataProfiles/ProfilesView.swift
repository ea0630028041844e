import TemporisAPI

/// The list of data profiles.
struct ProfilesView: Sendable {
  let profiles: [ProfileRow]
  let paging: Paging?

  init(_ listed: Temporis_Predict_V1_ListDataProfilesResponse, page: String) {
    profiles = listed.dataProfiles.map(ProfileRow.init)
    paging = Paging("Pages of profiles", at: "/dashboard/profiles", token: page, nextToken: listed.nextPageToken)
  }
}

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
    name = profile.name
    path = Self.path(of: profile.name)
    source = profile.settings.dataSource
    sourcePath = SourceRow.path(of: source)
    let names = profile.settings.names
    series = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
    step = DurationText.text(seconds: profile.forecast.stepSeconds)
    horizon = Count.text(profile.forecast.horizonSteps, "step", "steps")
    isReady = profile.ready
    forecastPath = "/dashboard/forecast?profile=" + FormFields.percentEncoded(profile.name)
  }

  /// The page of a data profile.
  static func path(of name: String) -> String {
    "/dashboard/profiles/" + FormFields.percentEncoded(name)
  }
}
