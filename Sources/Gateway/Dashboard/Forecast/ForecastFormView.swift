import TemporisAPI

/// The form of a forecast, with what it will cost.
struct ForecastFormView: Sendable {
  let problem: ForecastProblem?
  let key: String
  let profile: ChoiceField
  let hasNoProfile: Bool
  let hasNoneReady: Bool
  let publicProfile: FormField
  let numbers: [FormField]
  /// The cost of the forecast in the form. `nil`: the profile is not the account's, or the count cannot be read.
  let estimate: ForecastCostView?
  /// The price of a model token in nano-dollars, and in words.
  let price: Int64
  let priceText: String

  init(
    _ form: ForecastForm, key: ForecastKey, profiles: ForecastChoice, price: Int64,
    errors: [ForecastForm.Field: String], problem: ForecastProblem?
  ) {
    self.problem = problem
    self.key = key.description
    self.price = price
    priceText = Money(nanoDollars: price).description
    hasNoProfile = !profiles.hasProfiles
    // Where not all are known, one of the others may be.
    hasNoneReady = !hasNoProfile && profiles.isComplete && profiles.firstReady == nil
    let form = profiles.choosing(form)
    profile = ChoiceField(
      ForecastForm.Field.profile.rawValue, label: "Data profile", value: form[.profile],
      options: profiles.options + (profiles.isComplete ? [ForecastChoice.publicOption] : []),
      isSelect: profiles.isComplete, error: errors[.profile], required: false)
    func field(
      _ field: ForecastForm.Field, label: String, help: String, placeholder: String? = nil, inputMode: String? = nil
    ) -> FormField {
      FormField(
        field.rawValue, label: label, value: form[field], help: help, error: errors[field],
        required: field != .publicProfile, autocomplete: "off", placeholder: placeholder, inputMode: inputMode,
        isCode: field == .publicProfile)
    }
    publicProfile = field(
      .publicProfile, label: "Public profile",
      help: "One that the operator maintains, and that is not in the list. It is used when it is filled in.",
      placeholder: "temporis/NAME")
    numbers = [
      field(
        .count, label: "Trajectories",
        help: "count, 1 to 1,000. How finely the distribution is seen, never its shape; the cost grows with it.",
        inputMode: "numeric"),
      field(
        .temperature, label: "Temperature", help: "temperature, over 0. How far they spread; 1.0 is neutral.",
        inputMode: "decimal"),
      field(
        .topP, label: "Top p", help: "top_p, 0 to 1. Trims the unlikely tail; 1.0 keeps all of it.",
        inputMode: "decimal"),
    ]
    estimate = form.count.flatMap { count in
      profiles.profiles[form.dataProfile].map { profile in
        let cost = ForecastCost(
          count: count, tokensPerTrajectory: profile.forecast.tokensPerTrajectory, price: price)
        return ForecastCostView(
          cost, count: Int(count), steps: Int(profile.forecast.horizonSteps), series: profile.seriesCount)
      }
    }
  }
}
