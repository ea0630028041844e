import TemporisAPI

/// The data profiles that a forecast may be drawn of: the account's own, and the public ones.
struct ForecastChoice: Sendable {
  /// The most of each that are offered in a list; with more, a name is typed.
  static let limit = 100

  /// A profile that can be chosen.
  struct Profile: Sendable {
    let forecast: Temporis_Predict_V1_ForecastShape
    let seriesCount: Int
  }

  /// The account's own that are ready first, then its others, then the public ones.
  let options: [ChoiceField.Option]
  /// Whether the account has profiles of its own.
  let hasProfiles: Bool
  /// Whether these are all of them.
  let isComplete: Bool
  /// Each by its name; public ones by `temporis/NAME`.
  let profiles: [String: Profile]
  /// The first of the account's own that is ready.
  let firstReady: String?

  init(
    _ listed: Temporis_Predict_V1_ListDataProfilesResponse,
    publicProfiles: Temporis_Predict_V1_ListPublicDataProfilesResponse
  ) {
    let own = listed.dataProfiles.filter(\.ready) + listed.dataProfiles.filter { !$0.ready }
    let others = publicProfiles.publicDataProfiles
    let known =
      own.map { ($0.name, Profile(forecast: $0.forecast, seriesCount: $0.settings.names.count)) }
      + others.map { ($0.name, Profile(forecast: $0.forecast, seriesCount: $0.names.count)) }
    profiles = Dictionary(known) { first, _ in first }
    options =
      own.map { Self.option($0.name, $0.forecast, isReady: $0.ready) }
      + others.map { Self.option($0.name, $0.forecast, isReady: $0.ready) }
    hasProfiles = !own.isEmpty
    isComplete = listed.nextPageToken.isEmpty
    firstReady = own.first(where: \.ready)?.name
  }

  /// The form with a public profile chosen that the list holds; another one stays typed.
  func choosing(_ form: ForecastForm) -> ForecastForm {
    guard isComplete, profiles[form[.publicProfile]] != nil else { return form }
    var form = form
    form[.profile] = form[.publicProfile]
    form[.publicProfile] = ""
    return form
  }

  private static func option(
    _ name: String, _ forecast: Temporis_Predict_V1_ForecastShape, isReady: Bool
  ) -> ChoiceField.Option {
    let steps = Count.text(forecast.horizonSteps, "step", "steps")
    let text = isReady ? ": \(steps) of \(DurationText.text(seconds: forecast.stepSeconds))" : " (not ready)"
    return ChoiceField.Option(
      value: name, text: name + text, isDisabled: !isReady, tokens: forecast.tokensPerTrajectory)
  }

  /// The option of a person who names a public profile.
  static let publicOption = ChoiceField.Option(value: "", text: "A public profile, named below")
}
