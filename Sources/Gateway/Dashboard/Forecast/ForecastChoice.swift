import TemporisAPI

/// The data profiles that a forecast may be drawn of.
struct ForecastChoice: Sendable {
  /// The most that are offered in a list; with more, a name is typed.
  static let limit = 100

  /// The profiles that are ready first.
  let options: [ChoiceField.Option]
  /// Whether these are all.
  let isComplete: Bool
  /// Each by its name.
  let profiles: [String: Temporis_Predict_V1_DataProfile]
  /// The first that is ready.
  let firstReady: String?

  init(_ listed: Temporis_Predict_V1_ListDataProfilesResponse) {
    let sorted = listed.dataProfiles.filter(\.ready) + listed.dataProfiles.filter { !$0.ready }
    profiles = Dictionary(sorted.map { ($0.name, $0) }) { first, _ in first }
    options = sorted.map { profile in
      let forecast = profile.forecast
      let steps = Count.text(forecast.horizonSteps, "step", "steps")
      let text = profile.ready ? ": \(steps) of \(DurationText.text(seconds: forecast.stepSeconds))" : " (not ready)"
      return ChoiceField.Option(
        value: profile.name, text: profile.name + text, isDisabled: !profile.ready,
        tokens: forecast.tokensPerTrajectory)
    }
    isComplete = listed.nextPageToken.isEmpty
    firstReady = sorted.first(where: \.ready)?.name
  }

  /// The option of a person who names a public profile.
  static let publicOption = ChoiceField.Option(value: "", text: "A public profile, named below")
}
