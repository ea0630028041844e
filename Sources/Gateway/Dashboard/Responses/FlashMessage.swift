/// A message about an action that has just succeeded. The address names it; the text is ours.
package enum FlashMessage: String, Sendable, CaseIterable {
  case signedOut = "signed-out"
  case tokenDeleted = "token-deleted"
  case cardSet = "card-set"
  case cardRemoved = "card-removed"
  case sourceCreated = "source-created"
  case sourceArchived = "source-archived"
  case sourceUnarchived = "source-unarchived"
  case sourceDeleted = "source-deleted"
  case rowsDeleted = "rows-deleted"
  case profileCreated = "profile-created"
  case profileUpdated = "profile-updated"
  case profileDeleted = "profile-deleted"

  /// The text.
  package var text: String {
    switch self {
    case .signedOut: "You are signed out."
    case .tokenDeleted: "The access token is deleted. Requests with it are refused from now on."
    case .cardSet: "The card is on file."
    case .cardRemoved: "The card is off file. Predictions are refused until there is another one."
    case .sourceCreated: "The data source is created. It takes rows from now on."
    case .sourceArchived: "The data source is archived. It takes no more rows; those that it has are kept."
    case .sourceUnarchived: "The data source takes rows again."
    case .sourceDeleted: "The data source is deleted, with its rows."
    case .rowsDeleted: "The rows are deleted. Predictions do not see them any more."
    case .profileCreated: "The data profile is created."
    case .profileUpdated: "The data profile is changed."
    case .profileDeleted: "The data profile is deleted."
    }
  }

  /// The message that a page's address asks for.
  static func requested(by query: FormFields) -> FlashMessage? {
    FlashMessage(rawValue: query["notice"])
  }
}
