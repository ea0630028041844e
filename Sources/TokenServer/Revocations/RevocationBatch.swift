import Postgres
import TokenDomain

/// The changes of one transaction, each in a savepoint, so that one that fails does not undo the others.
struct RevocationBatch: Sendable {
  private typealias Change = (applied: RevokingChange.Applied, change: RevokingChange)

  /// The changes that were not made, and why.
  private(set) var failed: [(change: RevokingChange, error: any Error)] = []
  /// The log's end once the batch commits; `nil` when no change was made.
  private(set) var end: LogPosition?
  private var made: [Change] = []

  /// Makes the changes, and then takes their revisions: the counter is the last lock of all.
  ///
  /// - Throws: When the transaction can't go on.
  init(_ changes: [RevokingChange], in transaction: Transaction, of store: RevocationStore) async throws {
    for change in changes {
      try await transaction.execute("SAVEPOINT change")
      do {
        made.append((try await change.apply(transaction), change))
        try await transaction.execute("RELEASE SAVEPOINT change")
      } catch {
        try await transaction.execute("ROLLBACK TO SAVEPOINT change")
        failed.append((change, error))
      }
    }
    guard !made.isEmpty else { return }
    let subjects = made.flatMap(\.applied.subjects)
    // A change that found nothing to do waits for what others did, which is in the log up to here.
    end = try await subjects.isEmpty ? store.end(in: transaction) : store.append(subjects, in: transaction)
  }

  /// Waits until no verifier answers by what was before the batch, and answers its changes.
  func answer(
    _ end: LogPosition, committedAt time: ContinuousClock.Instant, by barriers: RevocationBarriers
  ) async {
    do {
      let confirmations = try await barriers.pass(end, committedBefore: time)
      let duration = time.duration(to: .now)
      var revision = end.revision - Int64(made.reduce(0) { $0 + $1.applied.subjects.count })
      for (applied, _) in made {
        revision += Int64(applied.subjects.count)
        applied.answer(
          RevocationReceipt(
            revision: applied.subjects.isEmpty ? end.revision : revision, duration: duration,
            confirmations: confirmations))
      }
    } catch {
      for (_, change) in made { change.fail(error) }
    }
  }
}
