import TemporisAPI

/// The page of the account: its password, and its sessions.
struct AccountView: Sendable {
  let email: String
  let created: TimeText
  let problem: String?
  let currentPassword: FormField
  let newPassword: FormField
  let sessions: [SessionRow]
  let paging: Paging?

  init(
    _ account: Temporis_Token_V1_Account, _ listed: Temporis_Token_V1_ListSessionsResponse, page: String,
    errors: FormErrors?
  ) {
    email = account.email
    created = TimeText(account.createTime, isDay: true)
    problem = errors?.general
    currentPassword = FormField(
      "current_password", label: "Current password", kind: .password, error: errors?[field: "current_password"],
      autocomplete: "current-password")
    newPassword = FormField(
      "new_password", label: "New password", kind: .password, help: "8 to 256 bytes. Stored as a hash only.",
      error: errors?[field: "new_password"], autocomplete: "new-password")
    sessions = listed.sessions.map(SessionRow.init)
    paging = Paging(
      "Pages of sessions", at: "/dashboard/account", token: page, nextToken: listed.nextPageToken, anchor: "sessions")
  }
}

/// A session as it is listed.
struct SessionRow: Sendable {
  /// What the forms about it are sent below.
  let path: String
  let created: TimeText
  let expires: TimeText
  /// The network that signed in. `nil`: it is not known.
  let address: String?
  /// Whether the page is looked at with it.
  let isCurrent: Bool

  init(_ session: Temporis_Token_V1_Session) {
    path = "/dashboard/account/sessions/" + FormFields.percentEncoded(session.id)
    created = TimeText(session.createTime)
    expires = TimeText(session.expireTime)
    address = session.clientAddress.isEmpty ? nil : session.clientAddress
    isCurrent = session.current
  }
}
