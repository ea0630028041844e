import Postgres
import ServiceKit

/// A record of a change to an account, by whom and to what, written in the transaction that makes the change.
struct AuditEntry: Sendable {
  /// The kinds of change.
  enum Action: String, Sendable {
    case createAccount = "account.create"
    case createSession = "session.create"
    case deleteSession = "session.delete"
    case deleteSessions = "session.delete_all"
    case changePassword = "password.change"
    case createAccessToken = "access_token.create"
    case updateAccessToken = "access_token.update"
    case rotateAccessToken = "access_token.rotate"
    case disableAccessToken = "access_token.disable"
    case enableAccessToken = "access_token.enable"
    case deleteAccessToken = "access_token.delete"
  }

  let accountID: String
  let action: Action
  /// The credential that asked for it, or the account itself where none is needed.
  let actorID: String
  /// The id of what was changed.
  let subjectID: String

  /// Writes the record. Its time is that of the statement: the changes of one transaction keep their order.
  func write(in transaction: Transaction) async throws {
    _ = try await transaction.execute(
      """
      INSERT INTO token.audit (account_id, audit_id, create_time, action, actor_id, subject_id)
      VALUES ($1, $2, statement_timestamp(), $3, $4, $5)
      """,
      .text(accountID), .text(ResourceID.make("aud")), .text(action.rawValue), .text(actorID), .text(subjectID))
  }
}
