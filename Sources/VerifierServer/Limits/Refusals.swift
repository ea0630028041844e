import Synchronization
package import TokenDomain

/// Counts the requests that were refused although their credential is known, for the accounts' audit records.
///
/// Bounded: beyond the limit, a credential that was not counted before is not counted until the next report.
package final class Refusals: Sendable {
  /// Why a request was refused.
  package enum Reason: Sendable, Hashable {
    /// The credential lacks the permission that the request needed.
    case permission
    /// The credential is disabled, or its account suspended.
    case stopped
  }

  /// Whose request was refused, and why.
  package struct Key: Sendable, Hashable {
    /// The account.
    package let accountID: InlineText
    /// The credential.
    package let credentialID: InlineText
    /// Why.
    package let reason: Reason
  }

  /// As many as a report can hold.
  package static let limit = 1_000

  private let counts = Mutex<[Key: Int64]>([:])

  /// Has counted nothing.
  package init() {}

  /// Counts a refusal.
  package func note(_ credential: CachedCredential, _ reason: Reason) {
    add(1, Key(accountID: credential.accountID, credentialID: credential.credentialID, reason: reason))
  }

  /// Takes what was counted, to report it.
  package func take() -> [Key: Int64] {
    counts.withLock { counts in
      defer { counts = [:] }
      return counts
    }
  }

  /// Puts back what could not be reported.
  package func putBack(_ taken: [Key: Int64]) {
    for (key, count) in taken { add(count, key) }
  }

  private func add(_ count: Int64, _ key: Key) {
    counts.withLock { counts in
      guard counts[key] != nil || counts.count < Self.limit else { return }
      counts[key, default: 0] += count
    }
  }
}
