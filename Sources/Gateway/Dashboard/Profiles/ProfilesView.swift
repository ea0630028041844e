import TemporisAPI

/// The list of data profiles.
struct ProfilesView: Sendable {
  let profiles: [ProfileRow]
  let isEmpty: Bool
  /// Where those that follow are.
  let nextPath: String?
  let isLaterPage: Bool

  init(_ answer: Temporis_Predict_V1_ListDataProfilesResponse, isFirstPage: Bool) {
    profiles = answer.dataProfiles.map(ProfileRow.init)
    isEmpty = profiles.isEmpty
    nextPath =
      answer.nextPageToken.isEmpty
      ? nil : "/dashboard/profiles?page=" + FormFields.percentEncoded(answer.nextPageToken)
    isLaterPage = !isFirstPage
  }
}
