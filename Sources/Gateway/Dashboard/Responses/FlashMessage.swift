/// A message about an action that has just succeeded, or was not begun. A cookie names it; the text is ours.
package struct FlashMessage: Sendable, Hashable {
  /// The actions. The raw value stands in the cookie.
  package enum Action: String, Sendable, CaseIterable {
    case formIgnored = "form-ignored"
    case signedOut = "signed-out"
    case signedOutEverywhere = "signed-out-everywhere"
    case othersSignedOut = "others-signed-out"
    case sessionEnded = "session-ended"
    case passwordChanged = "password-changed"
    case tokenRenamed = "token-renamed"
    case tokenPermitted = "token-permitted"
    case tokenDisabled = "token-disabled"
    case tokenEnabled = "token-enabled"
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
    case profilePublished = "profile-published"
    case profileUnpublished = "profile-unpublished"
  }

  private let action: Action
  /// When a change to a token held everywhere.
  private let receipt: ChangeReceipt?

  /// Says what was done.
  package init(_ action: Action, _ receipt: ChangeReceipt? = nil) {
    (self.action, self.receipt) = (action, receipt)
  }

  /// Reads a ``code``. `nil` for any other text.
  package init?(code: String) {
    let parts = code.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let action = parts.first.flatMap({ Action(rawValue: String($0)) }) else { return nil }
    let receipt = parts.count == 2 ? ChangeReceipt(code: parts[1]) : nil
    guard parts.count == 1 || receipt != nil && action.effect != nil else { return nil }
    self.init(action, receipt)
  }

  /// What stands in the cookie: `token-deleted.42.12000.3`.
  package var code: String {
    action.rawValue + (receipt.map { "." + $0.code } ?? "")
  }

  /// The text.
  package var text: String {
    guard let receipt, let effect = action.effect else { return action.text }
    return "\(action.text) \(receipt.sentence(effect))"
  }
}

extension FlashMessage.Action {
  fileprivate var text: String {
    switch self {
    case .formIgnored: "Your session had ended before the form was sent, and nothing was done. Please sign in."
    case .signedOut: "You are signed out."
    case .signedOutEverywhere: "You are signed out everywhere. Access tokens work on."
    case .othersSignedOut: "Every other session has ended. This browser stays signed in."
    case .sessionEnded: "The session has ended. Its browser has to sign in again."
    case .passwordChanged: "Your password is changed, and every other session has ended. This browser stays signed in."
    case .tokenRenamed: "The access token is renamed."
    case .tokenPermitted: "The access token's permissions are changed."
    case .tokenDisabled: "The access token is disabled. Requests with it are refused until it is enabled again."
    case .tokenEnabled: "The access token is enabled. It works again."
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
    case .profilePublished: "The data profile is public. Every account may have it forecast, and pays for that."
    case .profileUnpublished: "The data profile is public no longer. Nobody else's predictions find it any more."
    }
  }

  /// What holds everywhere once the action is confirmed. `nil`: nothing that verifiers know.
  fileprivate var effect: String? {
    switch self {
    case .tokenDisabled, .tokenDeleted: "no verifier accepts it"
    case .tokenEnabled: "every verifier accepts it again"
    case .tokenPermitted: "every verifier goes by them"
    default: nil
    }
  }
}
