import Synchronization
import TokenDomain

/// Counts refused sign-ins, and refused changes of a password, for the audit records.
///
/// Sign-ins it counts by address, whether that has an account or not, and only the later write tells them apart:
/// neither the answer nor its time does. Best effort and bounded: what does not fit, could not be written, or is lost
/// with the process is not counted.
package final class RefusedSignIns: Sendable {
  /// Why a sign-in is refused. The raw value is the action of the audit record.
  enum Reason: String, Sendable, CaseIterable {
    /// The password was wrong, or the account is suspended.
    case refused = "sign_in.refuse"
    /// Too many were wrong before.
    case throttled = "sign_in.throttle"
  }

  /// A session that a change of its account's password was asked for with.
  struct Caller: Sendable, Hashable {
    let accountID: String
    let sessionID: String
  }

  /// The most addresses that wait for each reason, and the most sessions: those that are throttled, which costs
  /// nothing, take no place of others.
  static let limit = 10_000

  private struct Counts: Sendable {
    var signIns: [Reason: [String: Int]] = [:]
    var passwordChanges: [Caller: Int] = [:]
  }

  private let store: TokenStore
  private let pending = Mutex(Counts())

  /// Counts for this store.
  init(store: TokenStore) {
    self.store = store
  }

  /// Counts a refusal.
  func note(_ reason: Reason, of email: EmailAddress) {
    let address = email.key
    pending.withLock { Self.count(address, in: &$0.signIns[reason, default: [:]]) }
  }

  /// Counts a change of the password that was refused, as the current one was wrong.
  func notePasswordChange(by principal: Principal) {
    let caller = Caller(accountID: principal.accountID, sessionID: principal.credentialID)
    pending.withLock { Self.count(caller, in: &$0.passwordChanges) }
  }

  /// Writes what was counted.
  package func flush() async throws {
    let batch = pending.withLock { pending in
      defer { pending = Counts() }
      return pending
    }
    for (reason, counts) in batch.signIns { try await store.recordRefusals(counts, for: reason) }
    if !batch.passwordChanges.isEmpty { try await store.recordRefusedPasswordChanges(batch.passwordChanges) }
  }

  private static func count<Key: Hashable>(_ key: Key, in counts: inout [Key: Int]) {
    if counts.count < limit || counts[key] != nil { counts[key, default: 0] += 1 }
  }
}
