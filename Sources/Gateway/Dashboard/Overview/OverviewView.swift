import TemporisAPI

/// The overview.
struct OverviewView: Sendable {
  /// A step of the checklist.
  struct Step: Sendable {
    let title: String
    let text: String
    /// The page where it is done.
    let path: String
    let action: String
    let isDone: Bool
    /// Whether it is the first that is still to be done.
    let isNext: Bool
  }

  let usage: UsageView
  let steps: [Step]
  let doneCount: Int
  let isComplete: Bool
  /// The reason why predictions are refused.
  let warning: String?
  /// A request that draws a prediction.
  let sample: String?
  /// The profile that it asks.
  let profile: String?
  let forecastPath: String

  init(_ progress: Progress, usage: Temporis_Billing_V1_GetUsageResponse, origin: String) {
    self.usage = UsageView(usage)
    steps = Self.steps(progress)
    doneCount = steps.count { $0.isDone }
    isComplete = doneCount == steps.count
    warning =
      progress.cardHasFailed
      ? "The last charge of your card failed: predictions are refused until another card is on file." : nil
    profile = progress.readyProfile
    forecastPath = "/dashboard/forecast?profile=" + FormFields.percentEncoded(progress.readyProfile ?? "")
    sample = progress.readyProfile.map { name in
      """
      curl \(origin)/v1/predict \\
        -H "Authorization: Bearer $TEMPORIS_TOKEN" -H "Content-Type: application/json" \\
        -d '{ "data_profile": "\(name)", "count": 5, "temperature": 1.0, "top_p": 0.9 }'
      """
    }
  }

  private static func steps(_ progress: Progress) -> [Step] {
    let source = progress.source.map { SourceRow.path(of: $0) } ?? "/dashboard/sources"
    let profile = progress.profile.map { "/dashboard/profiles/" + FormFields.percentEncoded($0) }
    let all: [(String, String, String, String, Bool)] = [
      (
        "Create an access token", "Your programs send it with every request.", "/dashboard/tokens", "Create a token",
        progress.hasToken
      ),
      (
        "Stream rows into a data source", "(timestamp, name, value): as many series as you like. Ingest is free.",
        source, progress.source == nil ? "Create a source" : "See how", progress.sourceHasRows
      ),
      (
        "Describe it with a data profile", "Which series, on which grid. It is ready once there is enough data.",
        profile ?? "/dashboard/new-profile", profile == nil ? "Create a profile" : "See what is missing",
        progress.readyProfile != nil
      ),
      (
        "Put a card on file", "Predictions are billed by the model tokens that they draw.", "/dashboard/billing",
        progress.cardHasFailed ? "Choose another card" : "Add a card", progress.hasCard && !progress.cardHasFailed
      ),
      (
        "Draw your first forecast", "Here, or with the request that the forecast page shows.", "/dashboard/forecast",
        "Draw a forecast", progress.hasForecast
      ),
    ]
    let next = all.firstIndex { !$0.4 }
    return all.enumerated().map { index, step in
      Step(title: step.0, text: step.1, path: step.2, action: step.3, isDone: step.4, isNext: index == next)
    }
  }
}

/// The steps that an account has done.
struct Progress: Sendable {
  /// A data source, one with rows if there is one.
  let source: String?
  let sourceHasRows: Bool
  /// A data profile.
  let profile: String?
  /// One that is ready to serve.
  let readyProfile: String?
  let hasToken: Bool
  let hasCard: Bool
  let cardHasFailed: Bool
  let hasForecast: Bool
}
