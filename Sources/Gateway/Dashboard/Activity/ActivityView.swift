import TemporisAPI

/// What was done to the account and its credentials.
struct ActivityView: Sendable {
  /// A record in plain words.
  struct Record: Sendable {
    let time: TimeText
    let action: String
    let actor: Party
    let subject: Party
    let count: String
  }

  /// What did something, or what it was done to.
  struct Party: Sendable {
    let name: String
    let id: String
    /// Its page. `nil`: there is none.
    let path: String?

    init(_ id: String, tokenNames: [String: String]) {
      self.id = id
      let tokenName = tokenNames[id]
      path = tokenName.map { _ in TokenRow.path(of: id) }
      name =
        switch id.prefix(while: { $0 != "_" }) {
        case "tok": tokenName ?? "A deleted token"
        case "ses": "Dashboard session"
        case "acct": "Account"
        default: ""
        }
    }
  }

  let records: [Record]
  let paging: Paging?

  init(_ listed: Temporis_Token_V1_ListAuditRecordsResponse, tokenNames: [String: String], page: String) {
    records = listed.auditRecords.map { record in
      Record(
        time: TimeText(record.createTime), action: Self.text(of: record),
        actor: Party(record.actorID, tokenNames: tokenNames), subject: Party(record.subjectID, tokenNames: tokenNames),
        count: Count.text(record.count))
    }
    paging = Paging("Pages of activity", at: "/dashboard/activity", token: page, nextToken: listed.nextPageToken)
  }

  /// What was done in plain words. An action that this gateway does not know yet keeps its name.
  private static func text(of record: Temporis_Token_V1_AuditRecord) -> String {
    switch record.action {
    case "account.create": "Account created"
    case "session.create": "Signed in"
    case "session.delete": record.actorID == record.subjectID ? "Signed out" : "Another session ended"
    case "session.delete_all": "Sessions ended"
    case "password.change": "Password changed, other sessions ended"
    case "password.refuse": "Password change refused"
    case "sign_in.refuse": "Sign-in refused"
    case "sign_in.throttle": "Sign-in refused: too many before"
    case "access_token.create": "Access token created"
    case "access_token.update": "Access token changed"
    case "access_token.rotate": "Access token rotated"
    case "access_token.disable": "Access token disabled"
    case "access_token.enable": "Access token enabled"
    case "access_token.delete": "Access token deleted"
    case "credential.refuse_permission": "Requests refused: without the permission"
    case "credential.refuse_stopped": "Requests refused: disabled or suspended"
    default: record.action
    }
  }
}
