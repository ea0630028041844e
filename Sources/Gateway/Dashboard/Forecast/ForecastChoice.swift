import TemporisAPI

/// The data profiles that a forecast may be drawn of.
struct ForecastChoice: Sendable {
  /// The most that are offered in a list; with more, a name is typed.
  static let limit = 100

  /// The profiles that are ready first.
  let options: [ChoiceField.Option]
  /// Whether these are all.
  let isComplete: Bool
  /// What follows from the settings of each.
  let shapes: [String: ProfileShape]
  /// The first that is ready.
  let firstReady: String?

  init(_ answer: Temporis_Predict_V1_ListDataProfilesResponse) {
    let profiles = answer.dataProfiles.filter(\.ready) + answer.dataProfiles.filter { !$0.ready }
    shapes = Dictionary(profiles.map { ($0.name, ProfileShape($0.settings)) }) { first, _ in first }
    options = profiles.map { profile in
      let shape = ProfileShape(profile.settings)
      let steps = "\(Count.text(shape.horizon, "step", "steps")) of \(DurationText.text(seconds: shape.step))"
      return ChoiceField.Option(
        value: profile.name, text: profile.name + (profile.ready ? ": \(steps)" : " (not ready)"),
        isDisabled: !profile.ready, tokens: shape.tokensPerTrajectory)
    }
    isComplete = answer.nextPageToken.isEmpty
    firstReady = profiles.first(where: \.ready)?.name
  }

  /// For who names a public profile.
  static let publicOption = ChoiceField.Option(value: "", text: "A public profile, named below")
}
