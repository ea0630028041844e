import TemporisAPI

/// The list of data profiles.
struct ProfilesView: Sendable {
  let profiles: [ProfileRow]
  /// Those of the operator that every account may forecast.
  let publicProfiles: [PublicProfileRow]
  /// Whether there are more of them.
  let hasMorePublic: Bool
  let paging: Paging?

  init(
    _ listed: Temporis_Predict_V1_ListDataProfilesResponse, page: String,
    publicProfiles: Temporis_Predict_V1_ListPublicDataProfilesResponse
  ) {
    profiles = listed.dataProfiles.map(ProfileRow.init)
    self.publicProfiles = publicProfiles.publicDataProfiles.map(PublicProfileRow.init)
    hasMorePublic = !publicProfiles.nextPageToken.isEmpty
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
  /// The name by which every account may forecast it. `nil`: it is the account's alone.
  let publicName: String?
  let forecastPath: String

  init(_ profile: Temporis_Predict_V1_DataProfile) {
    name = profile.name
    path = Self.path(of: profile.name)
    source = profile.settings.dataSource
    sourcePath = SourceRow.path(of: source)
    let names = profile.settings.names
    series = Self.text(ofSeries: names)
    step = DurationText.text(seconds: profile.forecast.stepSeconds)
    horizon = Count.text(profile.forecast.horizonSteps, "step", "steps")
    isReady = profile.ready
    publicName = profile.published ? ForecastForm.publicPrefix + profile.name : nil
    forecastPath = Self.forecastPath(of: profile.name)
  }

  /// The first names of series, and how many more there are.
  static func text(ofSeries names: [String]) -> String {
    names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
  }

  /// The form of a profile's forecast.
  static func forecastPath(of name: String) -> String {
    "/dashboard/forecast?profile=" + FormFields.percentEncoded(name)
  }

  /// The page of a data profile.
  static func path(of name: String) -> String {
    "/dashboard/profiles/" + FormFields.percentEncoded(name)
  }
}

/// A public data profile as it is listed.
struct PublicProfileRow: Sendable {
  let name: String
  let series: String
  let step: String
  let horizon: String
  let isReady: Bool
  let forecastPath: String

  init(_ profile: Temporis_Predict_V1_PublicDataProfile) {
    name = profile.name
    series = ProfileRow.text(ofSeries: profile.names)
    step = DurationText.text(seconds: profile.forecast.stepSeconds)
    horizon = Count.text(profile.forecast.horizonSteps, "step", "steps")
    isReady = profile.ready
    forecastPath = ProfileRow.forecastPath(of: profile.name)
  }
}
