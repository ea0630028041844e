import Synchronization
import TokenDomain

/// Counts refused sign-ins for the audit records.
///
/// It counts by address, whether that has an account or not, and only the later write tells them apart: neither the
/// answer nor its time does. Best effort and bounded: what does not fit, could not be written, or is lost with the
/// process is not counted.
package final class RefusedSignIns: Sendable {
  /// Why a sign-in is refused. The raw value is the action of the audit record.
  enum Reason: String, Sendable, CaseIterable {
    /// The password was wrong, or the account is suspended.
    case refused = "sign_in.refuse"
    /// Too many were wrong before.
    case throttled = "sign_in.throttle"
  }

  /// The most addresses that wait for each reason: those that are throttled, which costs nothing, take no place of
  /// others.
  static let limit = 10_000

  private let store: TokenStore
  private let pending = Mutex<[Reason: [String: Int]]>([:])

  /// Counts for this store.
  init(store: TokenStore) {
    self.store = store
  }

  /// Counts a refusal.
  func note(_ reason: Reason, of email: EmailAddress) {
    let address = email.key
    pending.withLock { Self.count(address, in: &$0[reason, default: [:]]) }
  }

  /// Writes what was counted.
  package func flush() async throws {
    let batch = pending.withLock { pending in
      defer { pending = [:] }
      return pending
    }
    for (reason, counts) in batch { try await store.recordRefusals(counts, for: reason) }
  }

  private static func count(_ address: String, in counts: inout [String: Int]) {
    if counts.count < limit || counts[address] != nil { counts[address, default: 0] += 1 }
  }
}
