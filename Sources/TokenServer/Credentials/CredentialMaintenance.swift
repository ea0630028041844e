import Postgres
import Synchronization
import TokenDomain

/// An access token that was used.
struct AccessTokenUse: Sendable, Hashable {
  let accountID: String
  let accessTokenID: String
}

/// Collects the writes that look-ups leave for later: last-use days and hashes to be keyed anew.
///
/// Both are best effort and bounded: what does not fit or is lost with the process is noted at the next look-up. So is
/// a use of a token that is being changed, since nearly all changes have it looked up anew.
package final class CredentialMaintenance: Sendable {
  /// The most uses, and the most hashes, that wait.
  static let limit = 10_000

  private struct Pending {
    var days: [AccessTokenUse: Int] = [:]
    var rekeyings: [[UInt8]: Rekeying] = [:]
  }

  private let store: TokenStore
  private let pending = Mutex(Pending())

  /// Collects for this store.
  package init(store: TokenStore) {
    self.store = store
  }

  /// Notes a use of the credentials that a look-up found, at `time` by the wall clock.
  func note(_ answer: CredentialAnswer, at time: PostgresTimestamp = .now) {
    pending.withLock { pending in
      for case let found? in answer.found { Self.note(found, at: time, in: &pending) }
    }
  }

  private static func note(_ found: FoundCredential, at time: PostgresTimestamp, in pending: inout Pending) {
    let principal = found.credential.principal
    // A use that is refused is none.
    if principal.kind == .accessToken, found.credential.state == .active {
      let use = AccessTokenUse(accountID: principal.accountID, accessTokenID: principal.credentialID)
      let day = Int(time.microsecondsSince1970 / 86_400_000_000)
      if pending.days[use] != nil || pending.days.count < limit {
        pending.days[use] = max(pending.days[use] ?? day, day)
      }
    }
    if let rekeying = found.rekeying, pending.rekeyings.count < limit {
      pending.rekeyings[rekeying.stale.bytes] = rekeying
    }
  }

  /// Writes what was noted. What could not be written is dropped.
  package func flush() async throws {
    let batch = pending.withLock { pending in
      let batch = pending
      pending = Pending()
      return batch
    }
    if !batch.days.isEmpty { try await store.recordUses(batch.days) }
    for rekeying in batch.rekeyings.values { try await store.rekey(rekeying) }
  }
}
