import ServiceKit
import TemporisAPI
import TokenDomain

/// Requests that were refused although their credential is known.
struct Refusals: Sendable, Hashable {
  /// Why they were refused. The raw value is the audit record's action.
  enum Reason: String, Sendable {
    case permission = "credential.refuse_permission"
    case stopped = "credential.refuse_stopped"
  }

  /// Whose requests, and why they were refused.
  struct Key: Sendable, Hashable {
    let accountID: String
    let credentialID: String
    let reason: Reason
  }

  /// How many a report may have of each credential: far more than a verifier sees between two reports.
  private static let countLimit: Int64 = 1_000_000_000_000
  /// How many credentials a report may name.
  private static let limit = 1_000

  let counts: [Key: Int64]

  /// Checks and reads a report.
  ///
  /// - Throws: ``ServiceError`` `invalidArgument` with the field that breaks a rule.
  init(_ request: Temporis_Token_V1_ReportRefusalsRequest) throws(ServiceError) {
    guard request.refusals.count <= Self.limit else {
      throw ServiceError(violating: "refusals", "must be at most \(Self.limit)")
    }
    var counts: [Key: Int64] = [:]
    for (index, refusals) in request.refusals.enumerated() {
      let field = "refusals[\(index)]"
      guard ResourceID.isValid(refusals.accountID, prefix: "acct") else {
        throw ServiceError(violating: "\(field).account_id", "must be an account's id")
      }
      guard ["tok", "ses"].contains(where: { ResourceID.isValid(refusals.credentialID, prefix: $0) }) else {
        throw ServiceError(violating: "\(field).credential_id", "must be an access token's or a session's id")
      }
      guard let reason = Reason(refusals.reason) else {
        throw ServiceError(violating: "\(field).reason", "must be a reason")
      }
      guard (1...Self.countLimit).contains(refusals.count) else {
        throw ServiceError(violating: "\(field).count", "must be 1 to \(Self.countLimit)")
      }
      let key = Key(accountID: refusals.accountID, credentialID: refusals.credentialID, reason: reason)
      counts[key, default: 0] += refusals.count
    }
    self.counts = counts
  }
}

extension Refusals.Reason {
  fileprivate init?(_ reason: Temporis_Token_V1_RefusalReason) {
    switch reason {
    case .permission: self = .permission
    case .stopped: self = .stopped
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }
}
