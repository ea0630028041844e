/// How far an account has come.
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
