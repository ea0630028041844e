/// The guarantee: what was answered, and so must hold for every Verify that starts from then on.
struct Promises {
  /// A time in which a credential must not be accepted, by number.
  typealias Period = Int

  private var deleted = Array(repeating: false, count: Subject.credentialCount)
  private var stopped = Array(repeating: false, count: Subject.all.count)
  private var reversals = Array(repeating: 0, count: Subject.all.count)
  private var reversing = Array(repeating: 0, count: Subject.all.count)
  private var periods: [Period?] = Array(repeating: nil, count: Subject.credentialCount)
  private var lastPeriod = 0

  /// The period that a credential is in; `nil` while it may be accepted.
  func period(of credential: Int) -> Period? { periods[credential] }

  /// Whether there is a credential that must not be accepted.
  private(set) var isEmpty = true

  /// Notes that a client asks for a change, and tells how often a reversal had been asked for; `nil` while one may
  /// still be committed.
  mutating func begin(_ kind: Change.Kind, of subject: Subject) -> Int? {
    let index = subject.index
    if kind.isReversal {
      reversals[index] += 1
      reversing[index] += 1
      stopped[index] = false
      update()
    }
    return reversing[index] == 0 ? reversals[index] : nil
  }

  /// Notes that a change can't be committed any more, if it was not.
  mutating func settle(_ change: Change) {
    if change.kind.isReversal { reversing[change.subject.index] -= 1 }
  }

  /// Notes that a change was answered.
  mutating func answer(_ change: Change) {
    let index = change.subject.index
    switch change.kind {
    case .delete: deleted[index] = true
    // A reversal that was under way may have come second.
    case .disable, .suspend: if change.reversals == reversals[index] { stopped[index] = true }
    case .enable, .resume: break
    }
    update()
  }

  private mutating func update() {
    isEmpty = true
    for credential in periods.indices {
      let account = Subject.account(Subject.account(of: credential)).index
      if deleted[credential] || stopped[credential] || stopped[account] {
        isEmpty = false
        if periods[credential] == nil {
          lastPeriod += 1
          periods[credential] = lastPeriod
        }
      } else {
        periods[credential] = nil
      }
    }
  }
}
